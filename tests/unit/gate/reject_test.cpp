// SPDX-License-Identifier: Apache-2.0
// Rejected packets through the whole gate: who is told, by which port, and how often. DPDK starts
// once a process, so this is a program of its own.
#include "dataplane/gate/gate.hpp"

#include "dataplane/filter/parse.hpp"
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

constexpr unsigned kRate = 8; // of answers, a second
constexpr std::uint8_t kRst = 4;
constexpr std::uint8_t kAck = 16;

/// Each is told once: links of every kind, and packets in chains of buffers.
std::vector<Bytes> answered() {
    const Bytes much(8000, 0x5A);
    const auto segment = [](PacketBuilder link) {
        return link.ipv4("192.0.2.1", "203.0.113.1").tcp(40000, 6667, kAck, 77, 4242);
    };
    return {segment(packet()).bytes(),
            segment(packet().tag(0x88A8, 0x6003).vlan(0xA004)).bytes(),
            segment(packet().vlan(7).pppoe(0x1234)).bytes(),
            packet().ipv6("2001:db8::1", "2001:db8:6::1").udp(40000, 53).bytes(),
            segment(packet()).raw(much).bytes(),
            packet().ipv6("2001:db8::1", "2001:db8:6::1").udp(40000, 53).raw(much).bytes()};
}

/// None of these is, so that none may use up the answers of the others.
std::vector<Bytes> withheld() {
    std::vector<Bytes> frames;
    for (unsigned i = 0; i < 25; ++i) {
        frames.push_back(packet().ipv4("192.0.2.1", "203.0.113.1").tcp(1, 6667, kRst).bytes());
        frames.push_back(packet().ipv4("192.0.2.1", "203.0.113.1", 100).raw(Bytes(20)).bytes());
        frames.push_back(packet().ipv4("192.0.2.1", "203.0.113.1").icmp(3).bytes());
        frames.push_back(packet().mpls().ipv4("192.0.2.1", "203.0.113.1").udp(1, 2).bytes());
    }
    return frames;
}

/// What lies in front of the IP header, with the MACs the other way round.
Bytes link_back(const Bytes& frame) {
    const auto parsed = parse(frame.data(), frame.size());
    Bytes link(frame.begin() + 6, frame.begin() + 12);
    link.insert(link.end(), frame.begin(), frame.begin() + 6);
    link.insert(link.end(), frame.begin() + 12, frame.begin() + parsed.network);
    return link;
}

/// A session's header names its length, which differs.
Bytes without_session_length(Bytes link, std::uint32_t session) {
    if (session != 0) link.erase(link.begin() + session + 4, link.begin() + session + 6);
    return link;
}

void check_answer(const Bytes& sent, const Bytes& answer) {
    const auto parsed = parse(answer.data(), answer.size());
    const auto old = parse(sent.data(), sent.size());
    CHECK_TRUE(parsed.is_ip() && parsed.kind == old.kind);
    CHECK_TRUE(parsed.source == old.destination && parsed.destination == old.source);
    CHECK_EQUAL(answer.size(), parsed.end);
    const Bytes link(answer.begin(), answer.begin() + parsed.network);
    CHECK_TRUE(without_session_length(link, parsed.session) ==
               without_session_length(link_back(sent), parsed.session));
    const auto* transport = answer.data() + parsed.transport;
    if (old.protocol != 6) {
        CHECK_EQUAL(58, parsed.protocol);
        CHECK_EQUAL(0x0101, transport[0] << 8U | transport[1]);
        CHECK_TRUE(answer.size() <= 14 + 576U);
        return;
    }
    CHECK_EQUAL(kRst, transport[13]);
    CHECK_EQUAL(4242, transport[6] << 8U | transport[7]); // SEQ is what the sender waits for
    CHECK_EQUAL(20U, parsed.end - parsed.transport);
}

} // namespace

TEST_GROUP(GateReject) { RuntimeFolder folder; };

TEST(GateReject, TellsEachSenderByThePortAndLinkItCameBy) {
    auto frames = withheld();
    const auto expected = answered();
    const auto none = frames.size();
    frames.insert(frames.end(), expected.begin(), expected.end());
    const Bytes syn = packet().ipv4("192.0.2.1", "203.0.113.1").tcp(1, 6667).bytes();
    frames.resize(frames.size() + 100, syn); // over the rate
    const std::string in = folder.file("in.pcap");
    const std::string back = folder.file("back.pcap");
    const std::string nothing = folder.file("nothing.pcap");
    const std::string out = folder.file("out.pcap");
    write_capture(in, frames);
    write_capture(nothing, {});
    GateOptions options;
    options.hugepages = false;
    options.memory_mb = 128;
    options.rejects_per_second = kRate;
    options.pairs = {{"net_pcap0,rx_pcap=" + in + ",tx_pcap=" + back,
                      "net_pcap1,rx_pcap=" + nothing + ",tx_pcap=" + out}};
    std::uint64_t answers = 0;
    {
        auto opened = Gate::open(options);
        if (!opened) FAIL(opened.error().what.c_str());
        auto& gate = **opened;
        CHECK_TRUE(
            gate.install(snapshot_of({{"203.0.113.1/32", 1}, {"2001:db8:6::/48", 1}})).has_value());
        const auto began = std::chrono::steady_clock::now();
        CHECK_TRUE(gate.launch().has_value());
        wait_for(gate, "reject", frames.size());
        gate.stop();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
        answers = counter(gate.report(""), "answered");
        CHECK_TRUE(answers >= kRate && static_cast<double>(answers) <= kRate * (1 + took.count()));
        CHECK_EQUAL(frames.size(), answers + counter(gate.report(""), "answers_withheld"));
        CHECK_TRUE(counter(gate.report(""), "answers_withheld") >= none);
        CHECK_EQUAL(0U, counter(gate.report(""), "sent"));
    }
    CHECK_TRUE(read_capture(out).empty());
    const auto received = read_capture(back);
    CHECK_EQUAL(answers, received.size());
    for (std::size_t i = 0; i < expected.size(); ++i) check_answer(expected[i], received[i]);
}
