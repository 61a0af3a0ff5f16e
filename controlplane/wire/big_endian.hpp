// SPDX-License-Identifier: Apache-2.0
// Internal to this station: fixed places in what is signed, numbers big-endian.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sweepgate::wire {

class FixedWriter {
public:
    FixedWriter& number(std::uint64_t value, std::size_t bytes) {
        for (auto i = bytes; i-- > 0;) out_ += static_cast<char>((value >> (8 * i)) & 0xFFU);
        return *this;
    }
    template <std::size_t N>
    FixedWriter& bytes(const std::array<std::uint8_t, N>& value) {
        out_.append(value.begin(), value.end());
        return *this;
    }
    FixedWriter& text(std::string_view value) {
        out_ += value;
        return *this;
    }
    std::string take() { return std::move(out_); }

private:
    std::string out_;
};

class FixedReader {
public:
    explicit FixedReader(std::string_view in) : in_(in) {}
    std::uint64_t number(std::size_t bytes) {
        std::uint64_t value = 0;
        for (const char byte : text(bytes)) value = value << 8U | static_cast<std::uint8_t>(byte);
        return value;
    }
    template <std::size_t N>
    void bytes(std::array<std::uint8_t, N>& value) {
        const auto from = text(N);
        std::copy(from.begin(), from.end(), value.begin());
    }
    std::string_view text(std::size_t bytes) {
        const auto taken = in_.substr(0, bytes);
        in_.remove_prefix(taken.size());
        return taken;
    }

private:
    std::string_view in_;
};

} // namespace sweepgate::wire
