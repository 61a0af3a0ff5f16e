// SPDX-License-Identifier: Apache-2.0
// A vantage point: a DNS server, and for whom it is asked to answer. GeoDNS gives each network
// its own addresses; a server that speaks EDNS Client Subnet (RFC 7871) can be asked on behalf
// of another network than ours.
//
// Off unless configured: the option tells every authority on the way which network asks.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "controlplane/model/prefix.hpp"
#include "controlplane/model/result.hpp"
#include "resolver/upstream.hpp"

namespace sweepgate::dns {

/// The payload of an ECS option, as a query carries it (RFC 7871 section 6).
class ClientSubnet {
public:
    /// "198.51.100.0/24", "2001:db8:1::/56", "0.0.0.0/0" (forbids the server to add our own).
    ///   errors   bad_input: no prefix, host bits, longer than /24 or /56 (section 11.1: more
    ///            would tell a household from its neighbour, and many servers refuse it)
    [[nodiscard]] static Result<ClientSubnet> parse(std::string_view text);

    [[nodiscard]] std::span<const std::uint8_t> octets() const {
        return std::span(octets_).first(size_);
    }
    /// The SCOPE PREFIX-LENGTH of a reply's option; nothing when the reply's family, source
    /// length or address is not ours, or the scope is longer than an address. Such a reply is
    /// for somebody else's question and must be dropped (section 7.3).
    [[nodiscard]] std::optional<std::uint8_t> scope_of(std::span<const std::uint8_t> reply) const;

private:
    static constexpr std::size_t kMostOctets = 4 + 7; // a /56

    std::array<std::uint8_t, kMostOctets> octets_{};
    std::size_t size_ = 0;
};

struct Vantage {
    Endpoint endpoint;
    std::optional<ClientSubnet> subnet;
};

/// What parse_endpoint() takes, optionally with " subnet=PREFIX" behind it.
///   errors   bad_input, naming the text
[[nodiscard]] Result<Vantage> parse_vantage(std::string_view text);

} // namespace sweepgate::dns
