// SPDX-License-Identifier: Apache-2.0
// Internal to this station: what gates say, to and from the wire. Decoding refuses everything that
// is out of bounds, so that no handler ever sees it.
#pragma once

#include <optional>

#include "controlplane/model/hits.hpp"
#include "controlplane/wire/admin.hpp"
#include "sweepgate.pb.h"

namespace sweepgate::wire {

inline constexpr std::size_t kMaxErrorText = 4096;
inline constexpr std::size_t kMaxNamedCounters = 256;
inline constexpr std::size_t kMaxWarnings = 32; // of a report, each at most kMaxText bytes
inline constexpr std::size_t kMaxInstance = 64;

/// Texts and kinds as every message has them.
[[nodiscard]] bool is_text(const std::string& text);
[[nodiscard]] bool is_kind(std::uint32_t kind);

void encode(const Acknowledgement& from, proto::Acknowledgement& to);
void encode(const GateReport& from, proto::GateReport& to);
void encode(const Address& probed, const ProbeAnswer& from, proto::ProbeAnswer& to);

[[nodiscard]] std::optional<Acknowledgement> decode(const proto::Acknowledgement& from);
[[nodiscard]] std::optional<GateReport> decode(const proto::GateReport& from);
[[nodiscard]] std::optional<ProbeAnswer> decode(const proto::ProbeAnswer& from);

void encode(const TopQuery& from, std::uint64_t id, proto::TopQuery& to);
void encode(const TopAnswer& from, std::uint64_t id, proto::TopAnswer& to);
void encode(const HitEvents& from, proto::HitEvents& to);
[[nodiscard]] std::optional<TopQuery> decode(const proto::TopQuery& from);
[[nodiscard]] std::optional<TopAnswer> decode(const proto::TopAnswer& from);
[[nodiscard]] std::optional<HitEvents> decode(const proto::HitEvents& from);

void encode(const AdminRequest& from, std::uint64_t id, proto::AdminRequest& to);
[[nodiscard]] std::optional<AdminRequest> decode(const proto::AdminRequest& from);

[[nodiscard]] std::string to_wire_bytes(const Address& address);
[[nodiscard]] std::optional<Address> address_from_wire(const std::string& bytes);

} // namespace sweepgate::wire
