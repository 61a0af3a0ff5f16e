// SPDX-License-Identifier: Apache-2.0
// Writes one sweep's observations inside a transaction that the caller owns.
#pragma once

#include "controlplane/book/book.hpp"
#include "controlplane/book/sqlite.hpp"

namespace sweepgate {

class SweepWriter {
public:
    SweepWriter(sqlite::Database& database, const BookOptions& options)
        : database_(database), options_(options) {}

    /// Takes the next sweep number. Call once, before any write.
    Status begin();
    Status write(const Observation& seen);
    [[nodiscard]] const BatchOutcome& outcome() const { return outcome_; }

private:
    struct NameRow {
        std::int64_t id = 0;
        std::int64_t answers = 0;
        std::int64_t gone_since = 0;
        std::int64_t denied_first = 0;
        std::int64_t denied_last = 0;
        std::vector<std::string> denied_by;
    };

    Result<NameRow> name_row(const Observation& seen);
    Status write_answer(const NameRow& name, const Observation& seen);
    Status write_address(const NameRow& name, const Observation& seen, const Address& address,
                         bool& changed);
    Status insert_address(const NameRow& name, const Observation& seen, const Address& address);
    Status evict(const NameRow& name);
    Status write_denial(NameRow name, const Observation& seen);
    Status start_hold_down(const NameRow& name, Instant now);

    sqlite::Database& database_;
    const BookOptions& options_;
    std::int64_t sweep_ = 0;
    BatchOutcome outcome_;
};

} // namespace sweepgate
