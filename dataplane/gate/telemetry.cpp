// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/telemetry.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <rte_telemetry.h>

#include "dataplane/gate/gate.hpp"

namespace sweepgate::gate {

namespace {

// An answer has at most 16 KiB of JSON, and DPDK leaves out what does not fit.
constexpr std::size_t kSystemsAtOnce = 40;
constexpr unsigned kMostRows = 100;

std::mutex answering;
Gate* answered_by = nullptr; // under `answering`

/// `absent` without parameters; nothing for what is no number within least..most.
std::optional<unsigned> parameter(const char* params, unsigned absent, unsigned least,
                                  unsigned most) {
    const std::string_view text = params != nullptr ? params : "";
    if (text.empty()) return absent;
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most)
        return {};
    return value;
}

/// Runs `fill` on an object of its own within `rows`, named by its number: DPDK 22.11 has no arrays
/// of objects.
template <typename Fill>
int add_row(rte_tel_data* rows, std::size_t number, Fill fill) {
    auto* row = rte_tel_data_alloc();
    if (row == nullptr) return -ENOMEM;
    rte_tel_data_start_dict(row);
    fill(row);
    const int bad = rte_tel_data_add_dict_container(rows, std::to_string(number).c_str(), row, 0);
    if (bad != 0) rte_tel_data_free(row);
    return bad;
}

void add_text(rte_tel_data* to, const char* name, const std::string& text) {
    rte_tel_data_add_dict_string(to, name, text.c_str());
}

/// DPDK takes letters, digits, '_' and '/'; "link_up 0000:01:00.0" has others.
std::string key_of(std::string name) {
    const auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '/'; };
    std::ranges::replace_if(name, std::not_fn(fits), '_');
    return name;
}

int stats(Gate& gate, const char* /*params*/, rte_tel_data* to) {
    rte_tel_data_start_dict(to);
    for (const auto& counter : gate.report("").counters)
        rte_tel_data_add_dict_u64(to, key_of(counter.name).c_str(), counter.packets);
    return 0;
}

int generation(Gate& gate, const char* /*params*/, rte_tel_data* to) {
    const auto report = gate.report("");
    const auto swap = gate.last_swap();
    rte_tel_data_start_dict(to);
    rte_tel_data_add_dict_u64(to, "generation", report.generation);
    add_text(to, "digest", report.generation == 0 ? "" : to_hex(report.digest));
    rte_tel_data_add_dict_int(to, "expired", report.expired ? 1 : 0);
    add_text(to, "instruction_set", std::string(gate.instruction_set()));
    rte_tel_data_add_dict_u64(to, "compile_us", static_cast<std::uint64_t>(swap.compile.count()));
    rte_tel_data_add_dict_u64(to, "grace_us", static_cast<std::uint64_t>(swap.grace.count()));
    rte_tel_data_add_dict_int(to, "complete", swap.complete ? 1 : 0);
    return 0;
}

int tables(Gate& gate, const char* /*params*/, rte_tel_data* to) {
    const auto sizes = gate.table_sizes();
    rte_tel_data_start_dict(to);
    rte_tel_data_add_dict_u64(to, "prefixes_ipv4", sizes.prefixes_ipv4);
    rte_tel_data_add_dict_u64(to, "prefixes_ipv6", sizes.prefixes_ipv6);
    rte_tel_data_add_dict_u64(to, "bytes_ipv4", sizes.bytes_ipv4);
    rte_tel_data_add_dict_u64(to, "bytes_ipv6", sizes.bytes_ipv6);
    rte_tel_data_add_dict_u64(to, "systems", sizes.systems);
    rte_tel_data_add_dict_u64(to, "groups", sizes.groups);
    return 0;
}

int systems(Gate& gate, const char* params, rte_tel_data* to) {
    const auto from = parameter(params, 0, 0, 1'000'000);
    if (!from) return -EINVAL;
    const auto report = gate.report("");
    rte_tel_data_start_dict(to);
    for (std::size_t i = *from; i < report.systems.size() && i < *from + kSystemsAtOnce; ++i) {
        const auto& system = report.systems[i];
        const int bad = add_row(to, i, [&](rte_tel_data* row) {
            add_text(row, "system", system.system);
            rte_tel_data_add_dict_u64(row, "dropped", system.dropped);
            rte_tel_data_add_dict_u64(row, "rejected", system.rejected);
            rte_tel_data_add_dict_u64(row, "monitored", system.monitored);
            rte_tel_data_add_dict_u64(row, "limited", system.limited);
            rte_tel_data_add_dict_u64(row, "within", system.within);
            for (std::size_t each = 0; each < kPortClasses; ++each)
                rte_tel_data_add_dict_u64(
                    row, std::string(to_string(static_cast<PortClass>(each))).c_str(),
                    system.port_classes[each]);
        });
        if (bad != 0) return bad;
    }
    return 0;
}

int top(Gate& gate, const char* params, rte_tel_data* to) {
    const auto most = parameter(params, 10, 1, kMostRows);
    if (!most) return -EINVAL;
    rte_tel_data_start_dict(to);
    std::size_t rank = 0;
    for (const auto& talker : gate.top({TalkersBy::all, *most, 0}).talkers) {
        const int bad = add_row(to, ++rank, [&](rte_tel_data* row) {
            add_text(row, "client", talker.client ? to_string(*talker.client) : "");
            add_text(row, "system", talker.system);
            rte_tel_data_add_dict_int(row, "protocol", talker.protocol);
            rte_tel_data_add_dict_int(row, "port", talker.port ? *talker.port : -1);
            rte_tel_data_add_dict_u64(row, "packets", talker.packets);
            rte_tel_data_add_dict_u64(row, "error", talker.error);
        });
        if (bad != 0) return bad;
    }
    return 0;
}

int lcores(Gate& gate, const char* /*params*/, rte_tel_data* to) {
    rte_tel_data_start_dict(to);
    for (const auto& lcore : gate.lcores()) {
        const int bad = add_row(to, lcore.lcore, [&](rte_tel_data* row) {
            rte_tel_data_add_dict_u64(row, "received", lcore.received);
            rte_tel_data_add_dict_u64(row, "sent", lcore.sent);
            rte_tel_data_add_dict_u64(row, "turns", lcore.turns);
            rte_tel_data_add_dict_u64(row, "hits_carried", lcore.hits_carried);
        });
        if (bad != 0) return bad;
    }
    return 0;
}

using Answer = int (*)(Gate&, const char* params, rte_tel_data* to);

/// What DPDK calls, on a thread of its own for each client.
template <Answer answer>
int command(const char* /*name*/, const char* params, rte_tel_data* to) {
    const std::lock_guard lock(answering);
    if (answered_by == nullptr) return -ENODEV;
    try {
        return answer(*answered_by, params, to);
    } catch (const std::exception&) { // memory
        return -ENOMEM;
    }
}

void register_commands() {
    rte_telemetry_register_cmd("/sweepgate/stats", command<stats>, "Packets by verdict and fate");
    rte_telemetry_register_cmd("/sweepgate/generation", command<generation>,
                               "What is in force, and how the last swap went");
    rte_telemetry_register_cmd("/sweepgate/tables", command<tables>,
                               "Prefixes, bytes, systems, groups");
    rte_telemetry_register_cmd("/sweepgate/systems", command<systems>,
                               "Hits by system and class of port. Parameters: first row");
    rte_telemetry_register_cmd("/sweepgate/top", command<top>,
                               "Whom was hit most. Parameters: rows, 1 to 100");
    rte_telemetry_register_cmd("/sweepgate/lcores", command<lcores>, "Packets by lcore");
}

} // namespace

Telemetry::Telemetry(Gate& gate) {
    const std::lock_guard lock(answering);
    if (answered_by == nullptr) register_commands();
    answered_by = &gate;
}

Telemetry::~Telemetry() {
    const std::lock_guard lock(answering);
    answered_by = nullptr;
}

} // namespace sweepgate::gate
