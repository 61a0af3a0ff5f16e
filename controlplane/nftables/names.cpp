// SPDX-License-Identifier: Apache-2.0
#include "controlplane/nftables/names.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

namespace sweepgate::nftables {

namespace {

constexpr std::string_view kRoot = "sg_g";

std::string family_digit(Family family) { return family == Family::ipv4 ? "4" : "6"; }

std::string with(std::string text, char from, char to) {
    std::replace(text.begin(), text.end(), from, to);
    return text;
}

/// The whole of `text` as a number.
template <typename Number>
std::optional<Number> number(std::string_view text, int base = 10) {
    Number value{};
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, base);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

std::optional<Digest> digest_from_hex(std::string_view hex) {
    Digest digest{};
    if (hex.size() != digest.size() * 2) return std::nullopt;
    for (std::size_t i = 0; i < digest.size(); ++i) {
        const auto byte = number<std::uint8_t>(hex.substr(i * 2, 2), 16);
        if (!byte) return std::nullopt;
        digest[i] = *byte;
    }
    return digest;
}

std::string hex(std::uint64_t value) {
    std::array<char, 16> digits{};
    const auto [end, error] =
        std::to_chars(digits.data(), digits.data() + digits.size(), value, 16);
    return {digits.data(), end};
}

} // namespace

std::string base_chain(Hook hook) {
    switch (hook) {
    case Hook::input: return "sg_input";
    case Hook::output: return "sg_output";
    case Hook::forward: break;
    }
    return "sg_forward";
}

std::string root_chain(std::string_view tag) { return std::string(kRoot).append(tag); }

std::string entrance(Hook hook, std::string_view tag) {
    switch (hook) {
    case Hook::input: return root_chain(tag) + "_in";
    case Hook::output: return root_chain(tag) + "_out";
    case Hook::forward: break;
    }
    return root_chain(tag);
}

std::string allow_set(std::string_view tag, Family family) {
    return root_chain(tag) + "_allow" + family_digit(family);
}

std::string quote_chain(std::string_view tag, Family family) {
    return root_chain(tag) + "_quote" + family_digit(family);
}

std::optional<std::string> tag_of(std::string_view name) {
    if (name.substr(0, kRoot.size()) != kRoot) return std::nullopt;
    name.remove_prefix(kRoot.size());
    const auto tag = name.substr(0, name.find('_'));
    if (tag.empty() || tag.front() < '0' || tag.front() > '9') return std::nullopt;
    return std::string(tag);
}

std::string class_map(std::string_view tag, Shape shape, Family family) {
    return root_chain(tag)
        .append(shape == Shape::hosts ? "_host" : "_range")
        .append(family_digit(family));
}

Tier tier_of(Action action) {
    if (is_terminal(action)) return Tier::terminal;
    return action == Action::limit ? Tier::limit : Tier::monitor;
}

std::string verdict_map(std::string_view tag, Tier tier, Side side) {
    static constexpr std::array<std::string_view, 3> kTiers{"_", "_limit_", "_watch_"};
    return root_chain(tag)
        .append(kTiers.at(static_cast<std::size_t>(tier)))
        .append(side == Side::to ? "to" : "from");
}

std::string class_chain(std::string_view tag, Tier tier, Side side, ClassIndex index) {
    static constexpr std::array<std::string_view, 3> kSides{"", "_to", "_from"};
    static constexpr std::array<std::string_view, 3> kTiers{"_c", "_l", "_m"};
    return root_chain(tag)
        .append(kTiers.at(static_cast<std::size_t>(tier)))
        .append(std::to_string(index))
        .append(kSides.at(static_cast<std::size_t>(side)));
}

std::string counter_name(Action action, std::string_view system) {
    return std::string("sg_").append(to_string(action)) + "_" + with(std::string(system), '-', '_');
}

std::string within_counter(std::string_view system) {
    return "sg_within_" + with(std::string(system), '-', '_');
}

std::string limit_name(std::uint32_t packets_per_second, std::string_view system) {
    return "sg_rate" + std::to_string(packets_per_second) + "_" +
           with(std::string(system), '-', '_');
}

namespace {

/// The system of a counter whose name begins so.
std::optional<std::string> system_behind(const std::string& start, std::string_view name) {
    if (name.substr(0, start.size()) != start) return std::nullopt;
    auto system = with(std::string(name.substr(start.size())), '_', '-');
    return is_system_id(system) ? std::optional(std::move(system)) : std::nullopt;
}

} // namespace

std::optional<CounterKey> counter_key(std::string_view name) {
    for (const auto action : {Action::monitor, Action::limit, Action::reject, Action::drop})
        if (auto system = system_behind(counter_name(action, ""), name))
            return CounterKey{action, std::move(*system), false};
    if (auto system = system_behind(within_counter(""), name))
        return CounterKey{Action::limit, std::move(*system), true};
    return std::nullopt;
}

std::string to_comment(const Receipt& receipt) {
    // nft takes comments of 128 bytes; with schedules there is no room for whole words.
    const bool is_short = receipt.schedules != 0;
    auto comment = "v" + std::to_string(receipt.layout);
    comment += (is_short ? " g " : " generation ") + std::to_string(receipt.generation);
    comment += (is_short ? " d " : " digest ") + to_hex(receipt.digest);
    comment += (is_short ? " o " : " options ") + hex(receipt.options);
    if (is_short) comment += " s " + hex(receipt.schedules);
    return comment;
}

std::optional<Receipt> parse_receipt(std::string_view comment) {
    std::istringstream words{std::string(comment)};
    std::array<std::string, 8> word;
    std::optional<std::uint32_t> layout = 1; // which did not say so
    if (!comment.empty() && comment.front() == 'v') {
        words >> word[0];
        layout = number<std::uint32_t>(std::string_view(word[0]).substr(1));
    }
    for (auto& each : word) words >> each;
    const auto generation = number<Generation>(word[1]);
    const auto digest = digest_from_hex(word[3]);
    const auto options = number<std::uint32_t>(word[5], 16);
    const bool is_long = word[0] == "generation" && word[2] == "digest" && word[4] == "options";
    const bool is_short = word[0] == "g" && word[2] == "d" && word[4] == "o" && word[6] == "s";
    if (!(is_long || is_short) || !generation || !digest || !options || !layout)
        return std::nullopt;
    Receipt receipt{*generation, *digest, *options, *layout, 0};
    if (is_long) return receipt;
    const auto schedules = number<ScheduleSet>(word[7], 16);
    if (!schedules) return std::nullopt;
    receipt.schedules = *schedules;
    return receipt;
}

} // namespace sweepgate::nftables
