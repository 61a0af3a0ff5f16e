// SPDX-License-Identifier: Apache-2.0
// What one half of the agent tells the other, and what the kernel's receipt says. The first byte
// chooses.
#include <cstdlib>

#include "controlplane/agent/kernel.hpp"
#include "controlplane/nftables/names.hpp"

using namespace sweepgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view input(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    switch (bytes[0] % 3) {
    case 0:
        if (const auto state = agent::decode_state(input)) {
            const auto again = agent::decode_state(agent::encode(*state));
            if (!again || agent::encode(*again) != agent::encode(*state)) std::abort();
        }
        break;
    case 1:
        if (const auto answer = agent::decode_answer(input)) {
            const auto again = agent::decode_answer(agent::encode(*answer));
            if (!again || agent::encode(*again) != agent::encode(*answer)) std::abort();
        }
        break;
    default:
        if (const auto receipt = nftables::parse_receipt(input)) {
            const auto again = nftables::parse_receipt(nftables::to_comment(*receipt));
            if (receipt->layout == nftables::kLayout && (!again || !(*again == *receipt)))
                std::abort();
        }
    }
    return 0;
}
