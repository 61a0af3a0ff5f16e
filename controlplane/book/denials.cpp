// SPDX-License-Identifier: Apache-2.0
// Who denies a name, and when it is believed to be gone.
#include "controlplane/book/columns.hpp"
#include "controlplane/book/sweep_writer.hpp"

namespace sweepgate {

/// Most answers say what that resolver said before: then nothing is written.
Status SweepWriter::note_word(NameRow& name, const Observation& seen) {
    const bool answered = seen.outcome == NameOutcome::answered;
    auto& list = answered ? name.known_to : name.unknown_to;
    auto& other = answered ? name.unknown_to : name.known_to;
    const bool erased = erase_word(other, seen.resolver);
    if (!insert_word(list, seen.resolver, kMaxResolvers) && !erased) return {};
    return database_.run("UPDATE name SET known_to = ?, unknown_to = ? WHERE id = ?",
                         {to_column(name.known_to), to_column(name.unknown_to), name.id});
}

Status SweepWriter::write_denial(NameRow name, const Observation& seen) {
    count_denial(name, seen);
    if (is_confirmed(name)) {
        ++name.answers;
        ++name.turns;
        if (name.gone_since == 0) {
            if (auto ok = start_hold_down(name, seen); !ok) return ok;
            name.gone_since = to_column(seen.time);
        }
    }
    return database_.run(
        "UPDATE name SET failures = 0, answers = ?, turns = ?, gone_since = ?, denied_outcome = ?, "
        "denied_count = ?, denied_first = ?, denied_last = ?, denied_by = ? WHERE id = ?",
        {name.answers, name.turns, name.gone_since, name.denied_outcome, name.denied_count,
         name.denied_first, name.denied_last, to_column(name.denied_by), name.id});
}

/// One resolver asked twice in a second has said it once. A denial of the other kind contradicts
/// the ones before it and starts anew.
void SweepWriter::count_denial(NameRow& name, const Observation& seen) const {
    const auto now = to_column(seen.time);
    const auto outcome = static_cast<std::int64_t>(seen.outcome);
    if (name.denied_outcome != outcome) {
        name.denied_outcome = outcome;
        name.denied_count = 0;
        name.denied_first = name.denied_last = now;
        name.denied_by.clear();
    }
    const bool other = insert_word(name.denied_by, seen.resolver, kMaxResolvers);
    if (other || now > name.denied_last) ++name.denied_count;
    name.denied_last = std::max(name.denied_last, now);
}

bool SweepWriter::is_confirmed(const NameRow& name) const {
    if (name.gone_since != 0) return true;
    return name.denied_count >= static_cast<std::int64_t>(options_.denials) &&
           name.denied_last - name.denied_first >= options_.denied_for.count() &&
           (options_.resolvers < 2 || name.denied_by.size() >= 2);
}

Status SweepWriter::start_hold_down(const NameRow& name, const Observation& seen) {
    // Only for what is still in force: an address that has left must not come back by a denial.
    const auto now = to_column(seen.time);
    return database_.run(
        "UPDATE sighting SET held_from = max(held_from, ?) WHERE name = ? AND NOT "
        "(? - seen_at_answer >= ? AND ? - held_from >= ?)",
        {now, name.id, name.answers - 1, number(std::uint64_t{options_.absences}), now,
         static_cast<std::int64_t>(options_.hold_down_of(seen.name.role).count())});
}

} // namespace sweepgate
