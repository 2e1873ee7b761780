"""The containers of docker-compose.yml: what they may do, what they see, and how much they may take."""

import re

import pytest

from tests.deploy.stack import Service, Stack, size

SERVERS = {"postgres", "redis"}

SECRET = re.compile(r"password|passwd|secret|token|webhook|api_?key|private|credential", re.IGNORECASE)
HAS_PASSWORD = re.compile(r"//[^/@\s]*:[^/@\s]+@|xox[a-z]-|hooks\.slack\.com/services/")

EVERY_SERVICE = (
    "beat",
    "chores",
    "collector",
    "flower",
    "metrics",
    "migrate",
    "postgres",
    "redis",
    "watchdog",
    "worker",
)
LASTING = tuple(name for name in EVERY_SERVICE if name != "migrate")


@pytest.fixture(params=EVERY_SERVICE)
def service(request: pytest.FixtureRequest, deployed: Stack) -> Service:
    return deployed[request.param]


@pytest.fixture(params=LASTING)
def lasting(request: pytest.FixtureRequest, deployed: Stack) -> Service:
    """A service that is meant to go on for ever."""
    return deployed[request.param]


def test_it_has_these_services_and_no_other(deployed: Stack) -> None:
    assert [service.name for service in deployed.services] == list(EVERY_SERVICE)


def test_it_runs_two_workers_and_one_beat(deployed: Stack) -> None:
    replicas = {service.name: service.written["deploy"].get("replicas", 1) for service in deployed.services}
    assert replicas == dict.fromkeys(EVERY_SERVICE, 1) | {"worker": 2}


def test_nobody_is_root(service: Service) -> None:
    user, group = map(int, service.written["user"].split(":"))
    if service.name in SERVERS:
        assert (user, group) == (999, 999)  # the users that the official images have
    else:
        assert min(user, group) >= 1001


def test_the_root_file_system_is_read_only(service: Service) -> None:
    assert service.written["read_only"] is True
    assert "/tmp" in service.writable  # noqa: S108 - a path inside a container


def test_what_lies_in_memory_is_bounded_and_runs_no_programs(service: Service) -> None:
    for mount in service.written["tmpfs"]:
        options = mount.partition(":")[2].split(",")
        assert {"noexec", "nosuid", "nodev"} <= set(options), mount
        assert any(option.startswith("size=") for option in options), mount


def test_disks_are_written_by_the_servers_only(service: Service) -> None:
    volumes = [mount for mount in service.writable if not mount.startswith(("/tmp", "/var/run"))]  # noqa: S108 - inside
    assert volumes == {"postgres": ["/var/lib/postgresql"], "redis": ["/data"]}.get(service.name, [])


def test_no_capability_is_left_and_none_can_be_gained(service: Service) -> None:
    assert service.written["cap_drop"] == ["ALL"]
    assert "cap_add" not in service.written
    assert service.written["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("way_out", ["privileged", "pid", "ipc", "network_mode", "devices", "userns_mode"])
def test_it_shares_nothing_with_the_host(service: Service, way_out: str) -> None:
    assert way_out not in service.written


def test_the_docker_socket_is_nowhere(service: Service) -> None:
    assert "docker.sock" not in str(service.written)


def test_it_has_limits_and_reservations(service: Service) -> None:
    limits, reserved = service.limits, service.reservations
    assert 0 < reserved["cpus"] <= limits["cpus"] <= 2
    assert 0 < reserved["memory"] <= limits["memory"] <= 2**30
    assert 0 < limits["pids"] <= 100


def test_it_starts_again_after_a_crash(lasting: Service) -> None:
    assert lasting.written["restart"] == "unless-stopped"


def test_a_migration_runs_once_and_everybody_who_writes_waits_for_it(deployed: Stack) -> None:
    assert deployed["migrate"].written["restart"] == "no"
    assert deployed["migrate"].waits_for == {"postgres": "service_healthy"}
    for writer in ("worker", "chores"):
        assert deployed[writer].waits_for["migrate"] == "service_completed_successfully"


def test_its_logs_are_bounded(service: Service) -> None:
    logging = service.written["logging"]
    assert logging["driver"] == "json-file"
    assert 0 < size(logging["options"]["max-size"]) <= size("10m")
    assert 1 <= int(logging["options"]["max-file"]) <= 3


def test_its_health_is_looked_at(lasting: Service) -> None:
    assert lasting.health["test"][0] in ("CMD", "CMD-SHELL")
    assert (lasting.health["interval"], lasting.health["retries"]) == (30, 3)
    assert lasting.health["start_period"] >= 40
    assert lasting.health["timeout"] <= 5


def test_workers_and_beat_are_asked_for_a_sign_of_life(deployed: Stack) -> None:
    for name in ("worker", "chores", "collector", "beat", "watchdog"):
        assert "/tocsin/alive -mmin -1" in deployed[name].health["test"][1]


def test_no_secret_is_in_an_environment(service: Service) -> None:
    for name, value in service.environment.items():
        assert not HAS_PASSWORD.search(value), f"{name} holds a secret"
        if SECRET.search(name):
            assert name.endswith("_FILE"), f"{name} would hold a secret"
            assert value == "" or value in service.secrets, f"{name} names no secret"


def test_every_file_that_is_named_for_a_secret_is_mounted(service: Service) -> None:
    named = {value for name, value in service.environment.items() if name.endswith("_FILE") and value}
    assert named <= service.secrets.keys()


def test_secrets_come_from_files_that_git_does_not_know(deployed: Stack) -> None:
    for name, secret in deployed.written["secrets"].items():
        assert "environment" not in secret, name
        assert re.search(r"(^|/)deploy/(secrets/\w+|not-set)$", secret["file"]), name


@pytest.mark.parametrize(
    ("name", "sees"),
    [
        ("beat", {"redis_url"}),
        ("chores", {"database_url", "redis_url"}),
        ("collector", {"redis_collector_url"}),
        ("flower", {"flower_password", "redis_url"}),
        ("metrics", {"database_reader_url", "redis_url"}),
        ("migrate", {"database_owner_url"}),
        (
            "postgres",
            {
                "postgres_password",
                "tocsin_owner_password",
                "tocsin_reader_password",
                "tocsin_writer_password",
            },
        ),
        ("redis", {"redis_users"}),
        (
            "watchdog",
            {"database_url", "redis_url", "slack_bot_token", "slack_webhook_url", "smtp_password"}
            | {"watchdog_ping_url"},
        ),
        ("worker", {"database_url", "redis_url", "slack_bot_token", "slack_webhook_url", "smtp_password"}),
    ],
)
def test_each_sees_only_the_secrets_that_it_needs(deployed: Stack, name: str, sees: set[str]) -> None:
    assert set(deployed[name].secrets.values()) == sees


@pytest.mark.parametrize(
    ("name", "reaches"),
    [
        ("beat", {"cache"}),
        ("chores", {"cache", "database"}),
        ("collector", {"cache"}),
        ("flower", {"cache", "published"}),
        ("metrics", {"cache", "database", "published"}),
        ("migrate", {"database"}),
        ("postgres", {"database"}),
        ("redis", {"cache"}),
        ("watchdog", {"cache", "database", "outgoing"}),
        ("worker", {"cache", "database", "outgoing"}),
    ],
)
def test_each_reaches_only_what_it_needs(deployed: Stack, name: str, reaches: set[str]) -> None:
    assert deployed[name].networks == reaches


def test_database_and_cache_have_no_way_out(deployed: Stack) -> None:
    inside = {network for network in deployed.written["networks"] if deployed.is_internal(network)}
    assert inside == {"database", "cache"}


def test_who_has_the_network_of_a_published_port_gets_in_and_not_out(deployed: Stack) -> None:
    options = deployed.written["networks"]["published"]["driver_opts"]
    assert options == {"com.docker.network.bridge.enable_ip_masquerade": "false"}


def test_flower_and_metrics_are_the_only_ports_and_only_this_machine_reaches_them(deployed: Stack) -> None:
    published = {service.name: service.published for service in deployed.services if service.published}
    assert published == {"flower": [("127.0.0.1", "5555")], "metrics": [("127.0.0.1", "9464")]}


def test_ours_come_from_one_image(deployed: Stack) -> None:
    ours = [service for service in deployed.services if service.is_ours]
    assert {service.name for service in ours} == set(EVERY_SERVICE) - SERVERS
    assert len({service.written["image"] for service in ours}) == 1


def test_no_image_is_whatever_is_newest(service: Service) -> None:
    _name, _colon, tag = service.written["image"].rpartition(":")
    assert re.match(r"\d", tag), f"{service.written['image']} has no version"
