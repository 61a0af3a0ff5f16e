// SPDX-License-Identifier: Apache-2.0
// One JSON object as one line of text, member by member and in their order. A library builds a
// tree first, which costs more than the sweep whose answers it shows; what is nested or rare
// still comes from there.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "controlplane/model/address.hpp"

namespace sweepgate::cli {

class JsonLine {
public:
    /// Keys are written as they are: letters and '_'.
    void text(std::string_view key, std::string_view value);
    void number(std::string_view key, std::uint64_t value);
    void flag(std::string_view key, bool value);
    /// Milliseconds with three decimals.
    void milliseconds(std::string_view key, std::uint64_t microseconds);
    void null(std::string_view key);
    void texts(std::string_view key, std::span<const std::string> values);
    void addresses(std::string_view key, std::span<const Address> values);
    /// `json` is one value already.
    void raw(std::string_view key, std::string_view json);

    /// The object with the end of its line, valid until the next member begins another one.
    [[nodiscard]] std::string_view end();

private:
    void begin(std::string_view key);
    void put(std::string_view value);
    void put(const Address& value) { put(to_string(value)); }
    template <typename Value>
    void put_all(std::string_view key, std::span<const Value> values);

    std::string line_;
    bool ended_ = false;
};

} // namespace sweepgate::cli
