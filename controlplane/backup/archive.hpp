// SPDX-License-Identifier: Apache-2.0
// The files inside an envelope: an uncompressed tar (pax), written and read through libarchive. As
// nothing is compressed, what comes out is never more than the envelope has; links and
// devices are refused, and holes count as bytes.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "controlplane/backup/envelope.hpp"
#include "controlplane/backup/member.hpp"

namespace sweepgate::backup {

class ArchiveWriter {
public:
    /// `into` outlives it.
    static Result<ArchiveWriter> open(EnvelopeWriter& into);
    ArchiveWriter(ArchiveWriter&&) noexcept;
    ArchiveWriter& operator=(ArchiveWriter&&) noexcept;
    ~ArchiveWriter();

    /// A regular file that is open, as long as it is now. Errors: io naming it, also when it
    /// shrinks meanwhile.
    Result<Member> add(const std::string& name, int file);
    Result<Member> add(const std::string& name, std::string_view text);
    /// Errors: io.
    Status finish();

private:
    struct State;
    explicit ArchiveWriter(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// What is done with each file, in this order; any error ends the reading.
struct Visitor {
    std::function<Status(const std::string& name, std::uint64_t size)> begin;
    std::function<Status(std::span<const std::uint8_t>)> bytes;
    std::function<Status(const Member&)> end;
};

/// Every file from the beginning of the envelope to its end. Errors: bad_input (what no writer of
/// ours makes: names that lead elsewhere or come twice, links, too many), those of the envelope and
/// of the visitor.
Status read_archive(EnvelopeReader& from, const Visitor& visitor);

} // namespace sweepgate::backup
