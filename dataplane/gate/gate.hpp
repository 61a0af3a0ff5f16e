// SPDX-License-Identifier: Apache-2.0
// The DPDK gate: a wire between the two ports of every pair, with a filter in it. It knows
// snapshots and nothing of sockets, files or protobuf; main.cpp wires it to the world.
//
// One Gate a process: DPDK's environment layer starts once and does not start again.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controlplane/model/report.hpp"
#include "controlplane/model/snapshot.hpp"
#include "controlplane/model/timetable.hpp"
#include "dataplane/filter/judge.hpp"
#include "dataplane/gate/turn_times.hpp"
#include "dataplane/who/ledger.hpp"

namespace sweepgate::gate {

/// What a port may be told: from IPv6's least (RFC 8200, section 5) to what a frame of 16 KiB in
/// the ring of an AF_PACKET socket holds.
inline constexpr unsigned kLeastMtu = 1280;
inline constexpr unsigned kMostMtu = 16'000;

/// What a gate that stops in order does with its links. Either way it forwards nothing any more.
enum class OnExit : std::uint8_t {
    bypass, // links stay up for a kernel bridge that takes over; those of NICs under a DPDK driver
            // mostly end with it
    closed, // links go down, where the driver can, so that both neighbours look for another way
};

struct GateOptions {
    /// Everything EAL is told, as a board says it; lcores, hugepages, memory_mb and file_prefix
    /// below then count for nothing. Empty: made from those.
    std::vector<std::string> eal_arguments;
    /// What arrives at one leaves at the other. Each name is one of
    ///   0000:01:00.0 or 01:00.0      a PCI device bound for DPDK
    ///   af_xdp:eth1, af_packet:eth1  a kernel interface; af_packet turns an outer 802.1ad tag
    ///                                into an 802.1Q one (a limit of DPDK 22.11's driver) and has
    ///                                one queue; net_af_packet0,iface=eth1,qpairs=2 has two, for
    ///                                which the kernel puts fragments together
    ///   pcap:in.pcap,out.pcap        a capture read once, and one written
    ///   null:                        receives nothing, swallows everything
    ///   net_...                      a DPDK device by its name, with arguments: a virtual one
    ///                                that EAL does not hold already is created
    std::vector<std::pair<std::string, std::string>> pairs;
    /// Processors that forward; empty: the last one we may use. With at least as many as pairs,
    /// each pair has its own, those of its NUMA node first, and RSS spreads its flows over them;
    /// with fewer, pairs take turns on them.
    std::vector<unsigned> lcores;
    /// MTU of every port, kLeastMtu..kMostMtu; 0: as it is. What the port ahead may
    /// not send is dropped and counted as tx_too_big.
    unsigned mtu = 0;
    /// A pair that loses one link takes the other down until the first returns.
    bool carry_link = true;
    OnExit on_exit = OnExit::bypass;
    /// NUMA node of an lcore; empty: as the machine says. Each node that forwards has tables of
    /// its own.
    std::function<int(unsigned)> socket_of;
    /// Told what an operator should read: links, lcores without work. From any thread; empty:
    /// nobody is told.
    std::function<void(const std::string&)> notify;
    bool hugepages = true;
    unsigned memory_mb = 256; // of DPDK: mbufs and rings; 64..65536
    std::string file_prefix;  // distinct for each gate on a machine; empty: from the pid
    /// What becomes of IP packets as long as no snapshot was installed: true passes them
    /// unjudged, false drops them. Behind the first snapshot the last one stays in force, whoever
    /// else dies. A stopped gate forwards nothing (on_exit): software that is gone cannot.
    bool bypass_until_loaded = false;
    filter::MalformedFate malformed = filter::MalformedFate::drop;
    /// Sleep of an lcore that found no packet 512 times in a row. 0: it never sleeps.
    std::chrono::microseconds idle_sleep{0};
    /// Most answers to rejected packets per lcore.
    unsigned rejects_per_second = 1000;
    /// How long install() waits for an lcore that does not turn; 1..60000.
    std::chrono::milliseconds grace_limit{5000};
    /// "avx512", "avx2" or "portable"; empty: the best that the processor has.
    std::string instruction_set;
    /// Keeps what turn_times() tells: a reading of the clock each turn.
    bool time_turns = false;
    /// EAL's telemetry socket; a board's EAL arguments forbid it, and this has the last word.
    bool telemetry = false;
    /// What is kept of whom was hit.
    who::Options who;
    /// The clock that schedules go by.
    std::function<CivilTimes()> civil_times = civil_times_now;
};

/// How the last swap went.
struct SwapTimes {
    std::chrono::microseconds compile{0};
    std::chrono::microseconds grace{0}; // from the pointer's publication to the last old reader
    bool complete = true; // false: an lcore had not turned for GateOptions::grace_limit
};

/// Of the tables in force; all zero without any.
struct TableSizes {
    std::size_t prefixes_ipv4 = 0;
    std::size_t prefixes_ipv6 = 0;
    std::size_t bytes_ipv4 = 0;
    std::size_t bytes_ipv6 = 0;
    std::size_t systems = 0;
    std::size_t groups = 0; // "everyone" among them
};

struct LcorePackets {
    unsigned lcore = 0;
    std::uint64_t received = 0;
    std::uint64_t sent = 0;
    std::uint64_t turns = 0;
    std::uint64_t hits_carried = 0; // hit_sampler.hpp
};

class Gate {
public:
    /// Starts EAL and opens the ports; nothing is received yet. Whoever has a last good snapshot
    /// installs it between open() and launch(): then no packet is ever judged without one.
    /// Errors: bad_input for an option, not_found for a port that does not exist, unavailable for
    /// missing hugepages, rights or instruction sets; naming the port.
    [[nodiscard]] static Result<std::unique_ptr<Gate>> open(const GateOptions& options);
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;
    ~Gate();

    /// Starts the ports, then the lcores: from here on the gate forwards. Once.
    /// Errors: unavailable naming the port or lcore; conflict when it was launched or stopped.
    [[nodiscard]] Status launch();

    /// Compiles, publishes, waits for the grace period, frees the old. No packet is lost or
    /// judged by neither. From open() on, from any thread but the lcores; one at a time, others
    /// wait.
    /// Errors: bad_input when the snapshot does not compile: the old stays in force. A success
    /// means that the snapshot is in force, also when last_swap().complete is false: an lcore
    /// that does not turn forwards nothing, and judges by the new snapshot from its next burst on.
    ///   digest  the snapshot's: hashing 100k prefixes takes longer than all the rest
    [[nodiscard]] Status install(const Snapshot& snapshot, const Digest& digest);
    [[nodiscard]] Status install(const Snapshot& snapshot) {
        return install(snapshot, digest_of(snapshot));
    }
    /// Once a second: installs what is in force anew when other schedules have come into force
    /// since. True when they have. Errors: as install(); the old stay in force.
    [[nodiscard]] Result<bool> follow_clock();

    /// Once a second: notices what others did to kernel interfaces that are its ports.
    void look_at_ports();

    [[nodiscard]] GateReport report(const std::string& name) const;
    /// The table in force, asked. `gate` stays empty; the caller knows the name.
    [[nodiscard]] ProbeAnswer probe(const Address& address) const;
    [[nodiscard]] SwapTimes last_swap() const;
    [[nodiscard]] TableSizes table_sizes() const;
    [[nodiscard]] std::vector<LcorePackets> lcores() const;
    /// Of all lcores since launch(); none unless GateOptions::time_turns asked for it.
    [[nodiscard]] TurnTimes turn_times() const;
    /// The instruction set that the packets are screened with.
    [[nodiscard]] std::string_view instruction_set() const;

    /// Takes over what lcores left of hits since the last call; for one thread, every 20 ms
    /// (hit_sampler.hpp says what is lost by less often). At most 1024 records an lcore.
    void collect_hits();
    /// Who was hit most. `gate` stays empty.
    [[nodiscard]] TopAnswer top(const TopQuery& query) const;
    /// Whom was hit for the first time since the last call. `gate` stays empty.
    [[nodiscard]] HitEvents take_events();

    /// False when an lcore has made no turn since the last call: the watchdog's question, asked by
    /// one thread.
    [[nodiscard]] bool is_turning();

    /// Ends forwarding and closes the ports; again is harmless.
    void stop();

private:
    struct State;
    explicit Gate(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace sweepgate::gate
