// SPDX-License-Identifier: Apache-2.0
// Any bytes as a chain, as a payload behind a good signature, and as a message: refused or valid,
// never a crash.
#include <cstdlib>

#include "controlplane/wire/envelope.hpp"
#include "controlplane/wire/messages.hpp"
#include "controlplane/wire/payload.hpp"

using namespace sweepgate;

namespace {

/// What is taken has one encoding of the same content.
template <typename Message, typename Encode>
void check(const Message& said, Encode encode_again) {
    const auto value = wire::decode(said);
    if (!value) return;
    Message again;
    encode_again(*value, again);
    if (!wire::decode(again)) std::abort();
}

/// Anything that a gate says to a publisher, and a publisher to gates.
void check_messages(std::string_view input) {
    proto::Request request;
    proto::Announcement announcement;
    const auto plain = [](const auto& value, auto& to) { wire::encode(value, to); };
    const auto numbered = [](const auto& value, auto& to) { wire::encode(value, 1, to); };
    if (wire::parse_message(input, request)) {
        check(request.acknowledgement(), plain);
        check(request.report(), plain);
        check(request.top(), numbered);
        check(request.events(), plain);
        check(request.admin(), numbered);
        (void)wire::decode(request.answer());
    }
    if (wire::parse_message(input, announcement)) check(announcement.top(), numbered);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static const std::vector<wire::VerifyKey> keys{wire::SigningKey::generate().verify_key()};
    const std::string_view input(reinterpret_cast<const char*>(bytes), size);
    check_messages(input);
    if (wire::open_chain(input, keys)) std::abort(); // nobody signed it
    // What is accepted has one encoding of the same content.
    if (const auto snapshot = wire::decode_snapshot(input); snapshot && validate(*snapshot)) {
        const auto again = wire::encode_payload(*snapshot);
        if (!again || wire::decode_snapshot(*again) != *snapshot) std::abort();
    }
    // A delta's rules are judged with what they are applied to: here, what they would be alone.
    const auto rules_are_valid = [](const Delta& delta) {
        Snapshot alone;
        if (delta.rules) alone.rules = *delta.rules;
        return validate(alone).has_value();
    };
    if (const auto delta = wire::decode_delta(input); delta && rules_are_valid(*delta)) {
        const auto again = wire::encode_payload(*delta);
        if (!again || wire::decode_delta(*again) != *delta) std::abort();
    }
    return 0;
}
