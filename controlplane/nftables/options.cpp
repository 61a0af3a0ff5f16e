// SPDX-License-Identifier: Apache-2.0
#include "controlplane/nftables/options.hpp"

#include <algorithm>

namespace sweepgate::nftables {

namespace {

constexpr int kMaxPriority = 10'000;
constexpr std::size_t kMaxTableName = 64;

bool is_name(const std::string& text) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return !text.empty() && text.size() <= kMaxTableName && letter(text.front()) &&
           std::all_of(text.begin(), text.end(),
                       [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

} // namespace

Status check(const GateOptions& options) {
    if (!is_name(options.table))
        return fail(Errc::bad_input, "table '" + options.table.substr(0, kMaxTableName) +
                                         "' is not a name of letters, digits and '_'");
    if (options.priority < -kMaxPriority || options.priority > kMaxPriority)
        return fail(Errc::bad_input,
                    "priority " + std::to_string(options.priority) + " is not in -10000..10000");
    if (options.management.size() > kMaxAllow)
        return fail(Errc::bad_input, std::to_string(options.management.size()) +
                                         " management prefixes, at most " +
                                         std::to_string(kMaxAllow));
    for (const auto& prefix : options.management)
        if (prefix.length > width(prefix.address.family) ||
            (prefix.address.value & prefix.host_mask()) != 0)
            return fail(Errc::bad_input, "management prefix " + to_string(prefix) +
                                             " has host bits or a bad length");
    return {};
}

std::uint32_t checksum(const GateOptions& options) {
    std::uint32_t sum = 2'166'136'261U; // FNV-1a: tells two option sets apart, nothing more
    const auto add = [&](const std::string& text) {
        for (const char c : text) sum = (sum ^ static_cast<unsigned char>(c)) * 16'777'619U;
    };
    add(options.output ? "output" : "");
    add(std::to_string(options.priority));
    if (options.tagged_only) add("tagged");
    for (const auto& prefix : merge(options.management)) add(" " + to_string(prefix));
    return sum;
}

} // namespace sweepgate::nftables
