// SPDX-License-Identifier: Apache-2.0
// Packets of every shape through the whole gate, jumbo frames in chains of DPDK's own buffers among
// them. What passes leaves byte for byte and in its order. DPDK starts once a process, so this is a
// program of its own.
#include "dataplane/gate/gate.hpp"

#include "tests/unit/filter/packet.hpp"
#include "tests/unit/filter/snapshots.hpp"
#include "tests/unit/gate/runtime_folder.hpp"
#include "tests/unit/gate/traffic.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::filter;
using namespace sweepgate::gate;

namespace {

using Bytes = std::vector<std::uint8_t>;

struct Sent {
    Bytes frame;
    bool passes;
};

/// Twice the same shape, to a listed address (or a shared one on its port) and to another.
std::vector<Sent> traffic() {
    std::vector<Sent> sent;
    const auto add = [&](const PacketBuilder& link) {
        sent.push_back(
            {PacketBuilder(link).ipv4("192.0.2.1", "203.0.113.1").udp(1, 2).bytes(), false});
        sent.push_back(
            {PacketBuilder(link).ipv4("192.0.2.1", "203.0.113.9").udp(1, 2).bytes(), true});
    };
    for (const auto& link : {packet(), packet().tag(0x88A8, 3).vlan(4), packet().vlan(4).mpls(3),
                             packet().pppoe(), packet().ipv4("198.18.0.1", "198.18.0.2"),
                             packet().ipv6("2001:db8::1", "2001:db8::2").gre(0x2000),
                             packet().ipv4("198.18.0.1", "198.18.0.2").vxlan()})
        add(link);
    const Bytes much(8800, 0x5A);
    for (const bool passes : {false, true}) { // headers that end far behind the first buffer
        const std::uint16_t port = passes ? 443 : 5190;
        sent.push_back({packet()
                            .ipv4("192.0.2.1", passes ? "203.0.113.9" : "203.0.113.1")
                            .udp(1, 2)
                            .raw(much)
                            .bytes(),
                        passes});
        sent.push_back({packet()
                            .ipv6("2001:db8::1", "2001:db8:5::1")
                            .extension(60, 200)
                            .extension(43, 150)
                            .tcp(1, port)
                            .raw(much)
                            .bytes(),
                        passes});
    }
    sent.push_back({packet().ether(0x0806).raw(Bytes(46, 1)).bytes(), true});
    sent.push_back({packet().mpls(2).raw({0, 0, 0, 0, 0x45}).padded(60), true});
    sent.push_back({packet().ether(0x8863).raw({0x11, 9, 0, 0, 0, 0}).padded(60), true});
    sent.push_back({packet().ether(0x0800).raw({0x45}).padded(60), false});
    return sent;
}

} // namespace

TEST_GROUP(GateShapes) { RuntimeFolder folder; };

TEST(GateShapes, PassByteForByteOrNotAtAll) {
    const auto sent = traffic();
    std::vector<Bytes> frames;
    std::vector<Bytes> expected;
    for (const auto& each : sent) {
        frames.push_back(each.frame);
        if (each.passes) expected.push_back(each.frame);
    }
    const std::string in = folder.file("in.pcap");
    const std::string out = folder.file("out.pcap");
    const std::string nothing = folder.file("nothing.pcap");
    write_capture(in, frames);
    write_capture(nothing, {});
    GateOptions options;
    options.hugepages = false;
    options.memory_mb = 128;
    options.pairs = {
        {"net_pcap0,rx_pcap=" + in, "net_pcap1,rx_pcap=" + nothing + ",tx_pcap=" + out}};
    {
        auto opened = Gate::open(options);
        if (!opened) FAIL(opened.error().what.c_str());
        auto& gate = **opened;
        auto snapshot = snapshot_of({{"203.0.113.1/32", 0}, {"2001:db8:5::/48", 0, Scope::shared}});
        snapshot.rules.inspect_tunnels = true;
        CHECK_TRUE(gate.install(snapshot).has_value());
        CHECK_TRUE(gate.launch().has_value());
        wait_for(gate, "received", sent.size());
        gate.stop();
        CHECK_EQUAL(expected.size(), counter(gate.report(""), "sent"));
        CHECK_EQUAL(1U, counter(gate.report(""), "drop_malformed"));
    }
    const auto received = read_capture(out);
    CHECK_EQUAL(expected.size(), received.size());
    for (std::size_t i = 0; i < expected.size(); ++i) CHECK_TRUE(expected[i] == received[i]);
}
