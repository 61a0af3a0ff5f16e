// SPDX-License-Identifier: Apache-2.0
// Names inside our table. All start with "sg_", so none collides with a keyword of nft (the
// kernel would take a chain called "drop", but nft could not read the listing back).
//
//   sg_forward, sg_input, sg_output   base chains
//   sg_drop_<system>, ...             counters; '-' of the id becomes '_'
//   sg_rate<packets>_<system>         a limit of so many packets a second, of all generations
//   sg_g<tag>                         root chain of a generation; its comment is the receipt
//   sg_g<tag>_...                     everything else of that generation
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controlplane/model/timetable.hpp"
#include "controlplane/nftables/program.hpp"

namespace sweepgate::nftables {

/// Where packets are judged: as they are routed and as they reach or leave the box itself, or as a
/// bridge of the box switches them. Each has a table of its own; the numbers are the kernel's
/// (NFPROTO_INET, NFPROTO_BRIDGE).
enum class Layer : std::uint8_t { network = 1, bridge = 7 };

enum class Hook : std::uint8_t { input = 1, forward = 2, output = 3 }; // NF_INET_LOCAL_IN, ...
inline constexpr std::array kHooks{Hook::forward, Hook::input, Hook::output};

[[nodiscard]] std::string base_chain(Hook hook);

/// "sg_g" and the tag: the root chain and the start of every other name of the generation.
[[nodiscard]] std::string root_chain(std::string_view tag);
/// Where the base chain of this hook jumps to: the root for forward, else an entrance to it.
[[nodiscard]] std::string entrance(Hook hook, std::string_view tag);
[[nodiscard]] std::string allow_set(std::string_view tag, Family family);
/// For ICMP errors, which quote a packet.
[[nodiscard]] std::string quote_chain(std::string_view tag, Family family);

/// The tag of any chain or set of a generation; nothing for other names.
[[nodiscard]] std::optional<std::string> tag_of(std::string_view name);

/// The map from addresses to their classes.
[[nodiscard]] std::string class_map(std::string_view tag, Shape shape, Family family);

/// Verdict maps hold what can end a judgement (terminal), what passes within a rate (limit) or what
/// can only be counted (monitor), for a listed destination (to) or a listed source (from). A chain
/// can serve both.
enum class Tier : std::uint8_t { terminal, limit, monitor };
[[nodiscard]] Tier tier_of(Action action);
enum class Side : std::uint8_t { any, to, from };

/// `side` is to or from.
[[nodiscard]] std::string verdict_map(std::string_view tag, Tier tier, Side side);
[[nodiscard]] std::string class_chain(std::string_view tag, Tier tier, Side side, ClassIndex index);

/// Of Action::limit: what was dropped over the rate.
[[nodiscard]] std::string counter_name(Action action, std::string_view system);
/// What passed within the rate.
[[nodiscard]] std::string within_counter(std::string_view system);
/// A limit cannot be changed, so its rate is part of its name.
[[nodiscard]] std::string limit_name(std::uint32_t packets_per_second, std::string_view system);
struct CounterKey {
    Action action;
    std::string system;
    bool within = false;
};
[[nodiscard]] std::optional<CounterKey> counter_key(std::string_view name);

/// How a generation lies in the kernel. Change it with the meaning of any name or element here:
/// what another version has built is then compiled again, and never misread.
///   1: verdict maps of addresses   2: maps of addresses to classes, verdict maps of classes
///   3: ICMP errors by what they quote
inline constexpr std::uint32_t kLayout = 3;

/// What the comment of a root chain says.
struct Receipt {
    Generation generation = 0;
    Digest digest{};
    std::uint32_t options = 0; // checksum of the options it was compiled with
    std::uint32_t layout = kLayout;
    ScheduleSet schedules = 0; // whose actions it was compiled with

    friend bool operator==(const Receipt&, const Receipt&) = default;
};
[[nodiscard]] std::string to_comment(const Receipt& receipt);
[[nodiscard]] std::optional<Receipt> parse_receipt(std::string_view comment);

} // namespace sweepgate::nftables
