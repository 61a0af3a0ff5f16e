// SPDX-License-Identifier: Apache-2.0
// Any octets as the answer to the question they themselves contain.
#include <cstdlib>

#include "resolver/message.hpp"
#include "resolver/reader.hpp"
#include "resolver/vantage.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    using namespace sweepgate;
    static const auto subnet = dns::ClientSubnet::parse("198.51.100.0/24").value();
    const std::span message(octets, size);
    std::size_t at = dns::kHeaderSize;
    dns::WireName name;
    std::uint16_t type = 1;
    if (!dns::Message(message).read_name(at, name)) name.clear();
    (void)dns::Message(message).read_u16(at, type);
    const Question question{name.text(), static_cast<RrType>(type)};
    const auto reading = read_message(message, question);
    const auto& answer = reading.answer;
    static Reading again; // nothing of the messages before may show
    read_message(message, question, again);
    if (again.answer.outcome != answer.outcome || again.answer.chain != answer.chain ||
        again.answer.addresses != answer.addresses || again.answer.ttl != answer.ttl ||
        again.answer.hints != answer.hints || again.answer.targets != answer.targets ||
        again.edns != reading.edns || again.truncated != reading.truncated)
        std::abort();
    const bool has_content = !answer.addresses.empty() || !answer.chain.empty() ||
                             !answer.targets.empty() || !answer.hints.empty() ||
                             !answer.forged.empty() || answer.extended_error.has_value();
    if (answer.outcome == Outcome::malformed && has_content) std::abort();
    const bool forges = answer.outcome == Outcome::filtered;
    if (forges ? !answer.addresses.empty() || !answer.hints.empty() : !answer.forged.empty())
        std::abort();
    const auto scope = subnet.scope_of(reading.client_subnet);
    if (scope && (reading.client_subnet.size() != subnet.octets().size() || *scope > 32))
        std::abort();
    if (answer.outcome == Outcome::timeout || answer.chain.size() > 16) std::abort();
    return 0;
}
