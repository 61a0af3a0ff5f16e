// SPDX-License-Identifier: Apache-2.0
// Any bytes as a chain, and as a payload behind a good signature: refused or valid, never a crash.
#include <cstdlib>

#include "controlplane/wire/envelope.hpp"
#include "controlplane/wire/payload.hpp"

using namespace sweepgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static const std::vector<wire::VerifyKey> keys{wire::SigningKey::generate().verify_key()};
    const std::string_view input(reinterpret_cast<const char*>(bytes), size);
    if (wire::open_chain(input, keys)) std::abort(); // nobody signed it
    // What is accepted has one encoding of the same content.
    if (const auto snapshot = wire::decode_snapshot(input); snapshot && validate(*snapshot)) {
        const auto again = wire::encode_payload(*snapshot);
        if (!again || wire::decode_snapshot(*again) != *snapshot) std::abort();
    }
    if (const auto delta = wire::decode_delta(input)) {
        const auto again = wire::encode_payload(*delta);
        if (!again || wire::decode_delta(*again) != *delta) std::abort();
    }
    return 0;
}
