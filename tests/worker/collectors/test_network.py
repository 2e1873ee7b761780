"""What goes through interfaces is counted, loopback is not, and a rate is what really went through."""

import pytest

from domain.rates import Interfaces
from tests.worker.collectors.children import in_namespaces
from tests.worker.collectors.kernel import Kernel
from worker.collectors.network import Traffic, read_network

HEADER = "Inter-|   Receive\n face |bytes\n"


def test_the_rate_is_that_of_the_frames_that_were_sent() -> None:
    """Over a pair of virtual interfaces, 300 frames of 1,000 bytes in 2 seconds by the machine's clock."""
    seen = in_namespaces(
        """
        Path("/proc/sys/net/ipv6/conf/all/disable_ipv6").write_text("1")
        Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1")
        subprocess.run("ip link add here type veth peer name there".split(), check=True)
        subprocess.run("ip link set here up".split(), check=True)
        subprocess.run("ip link set there up".split(), check=True)
        # The kernel opens the way when it gets round to it; whatever is sent before that is dropped.
        link = "ip link show here".split()
        until(lambda: b"state UP" in subprocess.check_output(link), within=10, what="the interface")
        now_s = 100.0
        machine = Machine(clock=lambda: now_s)
        _, counters = read_system(None, host="h", now=datetime.now(UTC), machine=machine)
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
            sender.bind(("here", 0))
            for _ in range(300):
                sender.send(bytes(1000))
        now_s += 2.0
        sample, _ = read_system(counters, host="h", now=datetime.now(UTC), machine=machine)
        print(sample.network_bytes_in_per_s, sample.network_bytes_out_per_s,
            sample.network_packets_in_total, sample.network_bytes_in_total)
        """
    )
    assert seen == "150000.0 150000.0 300 300000"


def test_loopback_is_left_out(kernel: Kernel) -> None:
    kernel.write("proc/net/dev", HEADER + "    lo: 9 9 9 9 0 0 0 0 9 9 9 9 0 0 0 0\n")
    assert read_network(kernel.machine()) == (Traffic(*[0] * 8), Interfaces())


def test_a_long_list_of_interfaces_is_read_to_its_end(kernel: Kernel) -> None:
    lines = "".join(f"veth{number}: 1 0 0 0 0 0 0 0 2 0 0 0 0 0 0 0\n" for number in range(3000))
    kernel.write("proc/net/dev", HEADER + lines)
    total, _ = read_network(kernel.machine())
    assert (total.network_bytes_in_total, total.network_bytes_out_total) == (3000, 6000)


@pytest.mark.parametrize("name", ["eth0", "br-0123456789", "wg0.1", "caf\u00e9"])
def test_an_interface_is_known_by_its_name(kernel: Kernel, name: str) -> None:
    kernel.write("proc/net/dev", f"{HEADER}{name:>6}:123456789012 0 0 0 0 0 0 0 7 0 0 0 0 0 0 0\n")
    _, interfaces = read_network(kernel.machine())
    assert interfaces == ((name,), (123456789012,), (7,))
