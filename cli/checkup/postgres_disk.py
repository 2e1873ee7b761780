"""The disk of Postgres: how much room it has, where that can be seen from here, and what to do where not."""

import shutil
from ipaddress import ip_address
from pathlib import Path

from sqlalchemy import Connection, text

from cli.checkup.host import of_disk
from cli.checkup.mark import Looked, Mark

ABOUT = "postgres disk"

# No function of Postgres tells how full a disk is. It tells its folder to who may read all settings; others
# find no such row.
FOLDER = text("SELECT setting FROM pg_settings WHERE name = 'data_directory'")

GRANT = "to have doctor look, run it there, with GRANT pg_read_all_settings TO {role}"
WATCH = "its host wants a tocsin collector, whose alerts tell of a full disk"


def disk(connection: Connection) -> Looked:
    """What is known of the disk on which Postgres keeps its data."""
    address = connection.execute(text("SELECT host(inet_server_addr())")).scalar()
    # A Unix socket has none.
    if address is not None and not ip_address(address).is_loopback:
        return unseen(f"PostgreSQL runs on {address}, and does not say how full its disk is")
    folder = connection.execute(FOLDER).scalar()
    if folder is None:
        role = connection.execute(text("SELECT current_user")).scalar_one()
        return unseen("PostgreSQL does not tell this account where its data lies", GRANT.format(role=role))
    try:
        usage = shutil.disk_usage(folder)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        return unseen(f"the data of PostgreSQL lies in {folder}, which cannot be seen from here ({reason})")
    looked = of_disk(Path(folder), free=usage.free, total=usage.total)
    remedy = looked.remedy and "make room, or lower RETENTION_RAW_DAYS"
    return Looked(ABOUT, looked.mark, looked.found, remedy)


def unseen(found: str, remedy: str = "") -> Looked:
    """Nothing is wrong, but nobody has looked."""
    return Looked(ABOUT, Mark.OK, found, f"{remedy}; {WATCH}" if remedy else WATCH)
