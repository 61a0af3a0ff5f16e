// SPDX-License-Identifier: Apache-2.0
// Internal to this station: model values to payload bytes and back.
#pragma once

#include <string>
#include <string_view>

#include <google/protobuf/message_lite.h>

#include "controlplane/model/delta.hpp"

namespace sweepgate::wire {

/// Errors: bad_input when a group's sources are not sorted: their order is part of the digest,
/// and the wire form does not keep another.
[[nodiscard]] Result<std::string> encode_payload(const Snapshot& snapshot);
[[nodiscard]] Result<std::string> encode_payload(const Delta& delta);

/// Generation and times are the statement's and stay zero here. Errors: bad_input.
[[nodiscard]] Result<Snapshot> decode_snapshot(std::string_view payload);
/// next_digest, generations and times are the statement's.
[[nodiscard]] Result<Delta> decode_delta(std::string_view payload);

/// Strict: all of `bytes`, nesting of at most 8 also in unknown fields.
[[nodiscard]] bool parse_message(std::string_view bytes, google::protobuf::MessageLite& message);
[[nodiscard]] std::string serialize_message(const google::protobuf::MessageLite& message);

/// False unless 32 bytes.
[[nodiscard]] bool digest_from_bytes(std::string_view bytes, Digest& digest);
[[nodiscard]] std::string to_wire_bytes(const Digest& digest);

} // namespace sweepgate::wire
