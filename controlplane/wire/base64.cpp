// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/base64.hpp"

#include <sodium.h>

namespace sweepgate::wire {

namespace {

constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;

} // namespace

std::string to_base64(std::string_view bytes) {
    std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0'); // with a NUL
    sodium_bin2base64(text.data(), text.size(),
                      reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), kVariant);
    text.pop_back();
    return text;
}

Result<std::string> from_base64(std::string_view text) {
    std::string bytes(text.size() / 4 * 3 + 3, '\0');
    std::size_t length = 0;
    const char* end = nullptr;
    const bool whole =
        sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &length, &end, kVariant) == 0 &&
        end == text.data() + text.size();
    if (!whole) return fail(Errc::bad_input, "not base64");
    bytes.resize(length);
    return bytes;
}

} // namespace sweepgate::wire
