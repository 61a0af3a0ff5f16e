// SPDX-License-Identifier: Apache-2.0
// Writes one sweep's observations inside a transaction that the caller owns.
#pragma once

#include <map>
#include <utility>

#include "controlplane/book/book.hpp"
#include "controlplane/book/presence.hpp"
#include "controlplane/book/sqlite.hpp"

namespace sweepgate {

class SweepWriter {
public:
    SweepWriter(sqlite::Database& database, const BookOptions& options)
        : database_(database), options_(options) {}

    Status write(const Observation& seen);
    [[nodiscard]] BatchOutcome take_outcome() { return std::move(outcome_); }
    /// Of the newest answer or denial written.
    [[nodiscard]] Instant evidence() const { return evidence_; }

private:
    struct NameRow {
        std::int64_t id = 0;
        std::int64_t answers = 0;
        std::int64_t draws = 0;
        std::int64_t turns = 0;
        std::int64_t gone_since = 0;
        std::int64_t denied_outcome = 0;
        std::int64_t denied_count = 0;
        std::int64_t denied_first = 0;
        std::int64_t denied_last = 0;
        std::vector<std::string> denied_by;
        std::vector<std::string> known_to;
        std::vector<std::string> unknown_to;
    };
    struct Known { // an address that the book has under the name
        std::vector<std::string> resolvers;
        std::vector<std::string> vantages;
        bool left = false; // no longer in force
        bool by_dns = false;
        std::int64_t draws = 0;
        std::int64_t last_seen = 0;
        std::int64_t ttl = 0; // of the last sighting
        Presence presence;    // in the span that has not ended
    };
    using KnownAddresses = std::map<Address, Known>;

    Result<NameRow> name_row(const Observation& seen);
    Result<KnownAddresses> known_addresses(const NameRow& name, const Observation& seen);
    Status note_word(NameRow& name, const Observation& seen);
    Status write_answer(NameRow name, const Observation& seen);
    Status write_addresses_only(const NameRow& name, const Observation& seen);
    Status write_addresses(const NameRow& name, const Observation& seen, KnownAddresses& known);
    Status write_address(const NameRow& name, const Observation& seen, const Address& address,
                         KnownAddresses& known);
    [[nodiscard]] bool comes_back(const NameRow& name, const Observation& seen,
                                  const Known& held) const;
    Status begin_span(const NameRow& name, const Observation& seen, const Address& address,
                      Known& held);
    Status insert_address(const NameRow& name, const Observation& seen, const Address& address);
    Status start_epoch_if_replaced(NameRow& name, const Observation& seen, KnownAddresses& known);
    void tell(const NameRow& name, const Observation& seen, const KnownAddresses& known);
    Status write_some(const NameRow& name, const Observation& seen, KnownAddresses& known);
    Status evict(const NameRow& name, std::size_t count);
    Status count_evicted(const NameRow& name, std::size_t count);
    Status write_denial(NameRow name, const Observation& seen);
    void count_denial(NameRow& name, const Observation& seen) const;
    [[nodiscard]] bool is_confirmed(const NameRow& name) const;
    Status start_hold_down(const NameRow& name, const Observation& seen);

    sqlite::Database& database_;
    const BookOptions& options_;
    Instant evidence_{};
    std::size_t added_now_ = 0; // by the observation being written
    BatchOutcome outcome_;
};

} // namespace sweepgate
