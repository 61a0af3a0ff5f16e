// SPDX-License-Identifier: Apache-2.0
// A small site, published and planned, for what `why` says of it.
#pragma once

#include "controlplane/controller/why_standing.hpp"

namespace sweepgate::test {

inline Address address(const char* text) { return *parse_address(text); }
inline Prefix prefix(const char* text) { return *parse_prefix(text); }

/// irc listed exclusive by a prefix and telegram shared; one sanctioned host inside the prefix;
/// guests are rejected, at lunch everybody passes. Generation 27.
inline Snapshot site() {
    SnapshotParts parts;
    parts.systems = {{"irc", "IRC", "irc", {{Transport::tcp, 6660, 6669}}, {}},
                     {"telegram", "Telegram", "im", {{Transport::tcp, 5222, 5222}}, {}},
                     {"tox", "Tox", "im", {}, {}}};
    parts.groups = {{"everyone", {}}, {"guests", {prefix("192.0.2.0/24")}}};
    parts.actions = {{Action::drop, Action::drop, Action::drop},
                     {Action::reject, Action::monitor, Action::drop}};
    parts.listings = {{prefix("203.0.113.0/28"), 0, Scope::exclusive},
                      {prefix("203.0.113.32/32"), 1, Scope::shared},
                      {prefix("198.18.70.1/32"), 2, Scope::exclusive}};
    parts.allow = {prefix("203.0.113.8/32")};
    Schedule lunch{"lunch", kEveryDay, 12 * 60, 13 * 60, Clock::local, {}};
    lunch.actions = {{Action::pass, {}, {}}, {Action::pass, {}, {}}};
    parts.schedules = {lunch};
    return *build_snapshot(std::move(parts), 27, {}, {});
}

inline Judgement judged(const char* text, const char* system, Disposition disposition,
                        Refusal refusal = Refusal::none, const char* reason = "because") {
    Judgement judgement;
    judgement.prefix = prefix(text);
    judgement.system = system;
    judgement.hostname = "irc.example.net";
    judgement.disposition = disposition;
    judgement.refusal = refusal;
    judgement.reason = reason;
    return judgement;
}

/// tox is held: it would gain 198.18.70.130 and lose 198.18.70.1.
inline SnapshotPlan plan() {
    SnapshotPlan made;
    made.judgements = {
        judged("203.0.113.0/28", "irc", Disposition::exclusive),
        judged("198.18.70.130", "tox", Disposition::exclusive, Refusal::none, "of tox alone"),
        judged("203.0.113.70", "irc", Disposition::refused, Refusal::quorum,
               "no quorum: 1 of 2 resolvers said so"),
        judged("203.0.113.71", "irc", Disposition::refused, Refusal::protected_host,
               "protected: bank.example (bank)"),
        judged("203.0.113.72", "irc", Disposition::refused, Refusal::by_admin, "refused by bob"),
        judged("203.0.113.73", "irc", Disposition::exclusive)};
    Hold hold;
    hold.system = "tox";
    hold.reason = "would gain 51 addresses";
    hold.added = {address("198.18.70.130")};
    hold.removed = {address("198.18.70.1")};
    made.holds = {hold};
    made.exceptions = {{prefix("192.168.0.0/16"), Refusal::own_network, "192.168.0.0/16"},
                       {prefix("203.0.113.8/32"), Refusal::sanctioned, "chat.corp.example"},
                       {prefix("203.0.113.71/32"), Refusal::protected_host, "bank.example (bank)"},
                       {prefix("203.0.113.90/32"), Refusal::never_block, "203.0.113.90/32"}};
    return made;
}

} // namespace sweepgate::test
