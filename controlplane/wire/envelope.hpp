// SPDX-License-Identifier: Apache-2.0
// Snapshots and deltas sealed for the road: a signed statement of fixed size, then the payload.
// Signature and hash are checked before a single byte of the payload is parsed, so no relay, disk
// or neighbour reaches the parser; only a holder of the signing key does, and even then every
// count, order and index is checked. Layout and limits: PROTOCOL.md, "Envelope".
//
// A chain is one sealed snapshot followed by the sealed deltas that lead on from it, simply
// concatenated (an envelope knows its length). It is what a gate keeps on disk and what a fetch
// transfers: a relay that received a delta can serve the newest state at once without the key.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "controlplane/model/delta.hpp"
#include "controlplane/wire/keys.hpp"

namespace sweepgate::wire {

inline constexpr std::uint16_t kSchema = 3;
inline constexpr std::uint16_t kOldestSchema = 1;  // of readers that can take most of what we write
inline constexpr std::uint16_t kTunnelsSchema = 2; // of readers that know Ruleset::inspect_tunnels
inline constexpr std::uint16_t kSchedulesSchema = 3; // ... Ruleset::schedules and Action::limit
inline constexpr std::size_t kStatementBytes = 128;
inline constexpr std::size_t kEnvelopeHeaderBytes = kStatementBytes + 64; // with the signature
inline constexpr std::size_t kMaxEnvelopeBytes = 32U << 20U;
inline constexpr std::size_t kMaxChainBytes = 48U << 20U;
inline constexpr std::size_t kMaxChainLinks = 64;

enum class SealedKind : std::uint8_t { snapshot = 1, delta = 2 };

/// The signed statement.
struct Statement {
    std::uint16_t schema = kSchema;
    std::uint16_t minimum_schema = kOldestSchema; // a reader of an older schema refuses
    SealedKind kind = SealedKind::snapshot;
    KeyId key_id{};
    Generation generation = 0;
    Generation base_generation = 0; // 0 for a snapshot
    Instant issued_at{};
    Instant expires_at{};
    Digest content_digest{}; // digest_of the snapshot, or of the snapshot the delta leads to
    Digest payload_hash{};   // BLAKE2b-256
    std::uint32_t payload_bytes = 0;
};

/// Errors: bad_input when the value is invalid or over the size limit.
[[nodiscard]] Result<std::string> seal_snapshot(const Snapshot& snapshot, const SigningKey& key);
[[nodiscard]] Result<std::string> seal_delta(const Delta& delta, const SigningKey& key);

/// Errors: refused (no key of `keys` signed it, or it needs a newer reader); bad_input for
/// everything malformed: too short, too long, trailing bytes, order, counts, another digest than
/// the signed one. The result passes validate() and has the signed digest.
[[nodiscard]] Result<Snapshot> open_snapshot(std::string_view sealed,
                                             std::span<const VerifyKey> keys);
/// The delta's own lists are checked; that it leads to its digest is seen when it is applied.
[[nodiscard]] Result<Delta> open_delta(std::string_view sealed, std::span<const VerifyKey> keys);

/// The statement of one envelope, signature checked, payload not parsed.
[[nodiscard]] Result<Statement> open_statement(std::string_view sealed,
                                               std::span<const VerifyKey> keys);

/// Opens the snapshot and applies each delta. Errors: as above; bad_input naming the link.
[[nodiscard]] Result<Snapshot> open_chain(std::string_view chain, std::span<const VerifyKey> keys);
/// Splits without checking signatures. Errors: bad_input for a malformed header or a bound.
[[nodiscard]] Result<std::vector<std::string_view>> links_of(std::string_view chain);

/// The longest front of a damaged chain that opens; empty when its snapshot does not.
[[nodiscard]] std::string_view intact_front(std::string_view chain,
                                            std::span<const VerifyKey> keys);

} // namespace sweepgate::wire
