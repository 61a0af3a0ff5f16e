// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/envelope.hpp"

#include <sodium.h>

#include <optional>

#include <algorithm>

#include "controlplane/wire/big_endian.hpp"
#include "controlplane/wire/payload.hpp"

namespace sweepgate::wire {

namespace {

// The last byte is the layout's number; the magic also keeps our signatures from ever standing
// for anything else signed with the same key.
constexpr std::string_view kMagic{"SWEEPGT\x01", 8};

std::string encode_statement(const Statement& statement) {
    const auto seconds = [](Instant instant) {
        return static_cast<std::uint64_t>(instant.time_since_epoch().count());
    };
    return FixedWriter()
        .text(kMagic)
        .number(statement.schema, 2)
        .number(statement.minimum_schema, 2)
        .number(static_cast<std::uint8_t>(statement.kind), 1)
        .number(0, 3)
        .bytes(statement.key_id)
        .number(statement.generation, 8)
        .number(statement.base_generation, 8)
        .number(seconds(statement.issued_at), 8)
        .number(seconds(statement.expires_at), 8)
        .bytes(statement.content_digest)
        .bytes(statement.payload_hash)
        .number(statement.payload_bytes, 4)
        .number(0, 4)
        .take();
}

Instant to_instant(std::uint64_t seconds) {
    return Instant(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

Result<Statement> decode_statement(std::string_view sealed) {
    if (sealed.size() < kEnvelopeHeaderBytes)
        return fail(Errc::bad_input,
                    "an envelope of " + std::to_string(sealed.size()) + " bytes is too short");
    FixedReader in(sealed.substr(0, kStatementBytes));
    if (in.text(kMagic.size()) != kMagic) return fail(Errc::bad_input, "not an envelope");
    Statement statement;
    statement.schema = static_cast<std::uint16_t>(in.number(2));
    statement.minimum_schema = static_cast<std::uint16_t>(in.number(2));
    const auto kind = in.number(1);
    const auto reserved = in.number(3);
    statement.kind = static_cast<SealedKind>(kind);
    in.bytes(statement.key_id);
    statement.generation = in.number(8);
    statement.base_generation = in.number(8);
    statement.issued_at = to_instant(in.number(8));
    statement.expires_at = to_instant(in.number(8));
    in.bytes(statement.content_digest);
    in.bytes(statement.payload_hash);
    statement.payload_bytes = static_cast<std::uint32_t>(in.number(4));
    if ((kind != 1 && kind != 2) || reserved != 0 || in.number(4) != 0)
        return fail(Errc::bad_input, "an envelope of unknown kind or with reserved bits");
    if (statement.payload_bytes > kMaxEnvelopeBytes - kEnvelopeHeaderBytes)
        return fail(Errc::bad_input, "an envelope of " + std::to_string(statement.payload_bytes) +
                                         " bytes is over the limit");
    return statement;
}

std::span<const std::uint8_t> as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Digest hash_of(std::string_view payload) {
    Digest hash{};
    const auto bytes = as_bytes(payload);
    crypto_generichash(hash.data(), hash.size(), bytes.data(), bytes.size(), nullptr, 0);
    return hash;
}

Result<std::string> seal(Statement statement, std::string_view payload, const SigningKey& key) {
    if (payload.size() > kMaxEnvelopeBytes - kEnvelopeHeaderBytes)
        return fail(Errc::bad_input, "generation " + std::to_string(statement.generation) + ": " +
                                         std::to_string(payload.size()) +
                                         " bytes of payload are over the limit");
    statement.key_id = key.verify_key().id();
    statement.payload_hash = hash_of(payload);
    statement.payload_bytes = static_cast<std::uint32_t>(payload.size());
    auto sealed = encode_statement(statement);
    const auto signature = key.sign(as_bytes(sealed));
    sealed.append(signature.begin(), signature.end());
    sealed += payload;
    return sealed;
}

Status check_signature(std::string_view sealed, const Statement& statement,
                       std::span<const VerifyKey> keys) {
    const auto signature = as_bytes(sealed.substr(kStatementBytes));
    const auto signed_part = as_bytes(sealed.substr(0, kStatementBytes));
    for (const auto& key : keys)
        if (key.id() == statement.key_id &&
            crypto_sign_verify_detached(signature.data(), signed_part.data(), signed_part.size(),
                                        key.bytes.data()) == 0)
            return {};
    return fail(Errc::refused, "generation " + std::to_string(statement.generation) +
                                   ": not signed by a key we trust");
}

Result<Statement> open_kind(std::string_view sealed, std::span<const VerifyKey> keys,
                            SealedKind kind) {
    auto statement = open_statement(sealed, keys);
    if (statement && statement->kind != kind)
        return fail(Errc::bad_input, kind == SealedKind::snapshot ? "a delta, not a snapshot"
                                                                  : "a snapshot, not a delta");
    return statement;
}

std::string generation_text(const Statement& statement) {
    return "generation " + std::to_string(statement.generation);
}

/// A reader that does not know of tunnels or schedules would drop them without a word, and
/// one that does not know of limits would refuse without naming the reason.
std::uint16_t schema_for(const Ruleset& rules) {
    if (!rules.schedules.empty() || limits_anything(rules)) return kSchedulesSchema;
    return rules.inspect_tunnels ? kTunnelsSchema : kOldestSchema;
}

} // namespace

Result<Statement> open_statement(std::string_view sealed, std::span<const VerifyKey> keys) {
    auto statement = decode_statement(sealed);
    if (!statement) return statement;
    if (auto ok = check_signature(sealed, *statement, keys); !ok) return tl::unexpected(ok.error());
    const auto payload = sealed.substr(kEnvelopeHeaderBytes);
    if (payload.size() != statement->payload_bytes)
        return fail(Errc::bad_input, generation_text(*statement) + ": " +
                                         std::to_string(payload.size()) +
                                         " bytes of payload where " +
                                         std::to_string(statement->payload_bytes) + " are signed");
    if (hash_of(payload) != statement->payload_hash)
        return fail(Errc::refused, generation_text(*statement) + ": the payload was changed");
    if (statement->minimum_schema > kSchema)
        return fail(Errc::refused, generation_text(*statement) + " needs a reader of schema " +
                                       std::to_string(statement->minimum_schema) +
                                       ", this one knows " + std::to_string(kSchema));
    return statement;
}

Result<std::string> seal_snapshot(const Snapshot& snapshot, const SigningKey& key) {
    if (auto ok = validate(snapshot); !ok) return tl::unexpected(ok.error());
    if (snapshot.generation == 0) return fail(Errc::bad_input, "generation 0 is never published");
    auto payload = encode_payload(snapshot);
    if (!payload) return payload;
    Statement statement;
    statement.minimum_schema = schema_for(snapshot.rules);
    statement.generation = snapshot.generation;
    statement.issued_at = snapshot.issued_at;
    statement.expires_at = snapshot.expires_at;
    statement.content_digest = digest_of(snapshot);
    return seal(statement, *payload, key);
}

Result<std::string> seal_delta(const Delta& delta, const SigningKey& key) {
    if (delta.base == 0 || delta.next <= delta.base)
        return fail(Errc::bad_input, "delta " + std::to_string(delta.base) + " -> " +
                                         std::to_string(delta.next) + " does not rise");
    if (!std::is_sorted(delta.removed.begin(), delta.removed.end()) ||
        !std::is_sorted(delta.added.begin(), delta.added.end()))
        return fail(Errc::bad_input, "the delta's lists are not sorted");
    auto payload = encode_payload(delta);
    if (!payload) return payload;
    Statement statement;
    if (delta.rules) statement.minimum_schema = schema_for(*delta.rules);
    statement.kind = SealedKind::delta;
    statement.generation = delta.next;
    statement.base_generation = delta.base;
    statement.issued_at = delta.issued_at;
    statement.expires_at = delta.expires_at;
    statement.content_digest = delta.next_digest;
    return seal(statement, *payload, key);
}

Result<Snapshot> open_snapshot(std::string_view sealed, std::span<const VerifyKey> keys) {
    const auto statement = open_kind(sealed, keys, SealedKind::snapshot);
    if (!statement) return tl::unexpected(statement.error());
    auto snapshot = decode_snapshot(sealed.substr(kEnvelopeHeaderBytes));
    if (!snapshot) return within(generation_text(*statement), snapshot.error());
    snapshot->generation = statement->generation;
    snapshot->issued_at = statement->issued_at;
    snapshot->expires_at = statement->expires_at;
    if (auto ok = validate(*snapshot); !ok) return within(generation_text(*statement), ok.error());
    if (statement->generation == 0 || statement->base_generation != 0 ||
        digest_of(*snapshot) != statement->content_digest)
        return fail(Errc::bad_input,
                    generation_text(*statement) + ": the content is not what was signed");
    return snapshot;
}

Result<Delta> open_delta(std::string_view sealed, std::span<const VerifyKey> keys) {
    const auto statement = open_kind(sealed, keys, SealedKind::delta);
    if (!statement) return tl::unexpected(statement.error());
    auto delta = decode_delta(sealed.substr(kEnvelopeHeaderBytes));
    if (!delta) return within(generation_text(*statement), delta.error());
    if (statement->base_generation == 0 || statement->generation <= statement->base_generation)
        return fail(Errc::bad_input, generation_text(*statement) + ": the delta does not rise");
    delta->base = statement->base_generation;
    delta->next = statement->generation;
    delta->next_digest = statement->content_digest;
    delta->issued_at = statement->issued_at;
    delta->expires_at = statement->expires_at;
    return delta;
}

Result<std::vector<std::string_view>> links_of(std::string_view chain) {
    if (chain.size() > kMaxChainBytes)
        return fail(Errc::bad_input, "a chain of " + std::to_string(chain.size()) + " bytes");
    std::vector<std::string_view> links;
    while (!chain.empty()) {
        const auto statement = decode_statement(chain);
        if (!statement)
            return within("link " + std::to_string(links.size() + 1), statement.error());
        const auto size = kEnvelopeHeaderBytes + statement->payload_bytes;
        const auto kind = links.empty() ? SealedKind::snapshot : SealedKind::delta;
        if (size > chain.size() || statement->kind != kind || links.size() == kMaxChainLinks)
            return fail(Errc::bad_input, "link " + std::to_string(links.size() + 1) +
                                             ": torn, of the wrong kind or one too many");
        links.push_back(chain.substr(0, size));
        chain.remove_prefix(size);
    }
    if (links.empty()) return fail(Errc::bad_input, "an empty chain");
    return links;
}

Result<Snapshot> open_chain(std::string_view chain, std::span<const VerifyKey> keys) {
    const auto links = links_of(chain);
    if (!links) return tl::unexpected(links.error());
    auto snapshot = open_snapshot(links->front(), keys);
    if (!snapshot || links->size() == 1) return snapshot;
    auto digest = digest_of(*snapshot);
    for (std::size_t i = 1; i < links->size(); ++i) {
        const auto delta = open_delta((*links)[i], keys);
        if (!delta) return within("link " + std::to_string(i + 1), delta.error());
        snapshot = apply(*snapshot, digest, *delta);
        if (!snapshot) return within("link " + std::to_string(i + 1), snapshot.error());
        digest = delta->next_digest; // which apply() has verified
    }
    return snapshot;
}

std::string_view intact_front(std::string_view chain, std::span<const VerifyKey> keys) {
    std::size_t good = 0;
    std::optional<Snapshot> snapshot;
    Digest digest{};
    for (std::size_t link = 0; link < kMaxChainLinks && good < chain.size(); ++link) {
        const auto rest = chain.substr(good);
        const auto statement = decode_statement(rest);
        if (!statement || kEnvelopeHeaderBytes + statement->payload_bytes > rest.size()) break;
        const auto sealed = rest.substr(0, kEnvelopeHeaderBytes + statement->payload_bytes);
        if (link == 0) {
            auto opened = open_snapshot(sealed, keys);
            if (!opened) break;
            digest = digest_of(*opened);
            snapshot = std::move(*opened);
        } else {
            const auto delta = open_delta(sealed, keys);
            if (!delta) break;
            auto next = apply(*snapshot, digest, *delta);
            if (!next) break;
            digest = delta->next_digest;
            snapshot = std::move(*next);
        }
        good += sealed.size();
    }
    return chain.substr(0, good);
}

} // namespace sweepgate::wire
