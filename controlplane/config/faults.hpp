// SPDX-License-Identifier: Apache-2.0
// What is wrong with a text, all of it: "file:line:column: what", a line each, in the order of the
// text. Also for files that are not TOML: authorized_keys, key files, lists.
#pragma once

#include <compare>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "controlplane/model/result.hpp"

namespace sweepgate::config {

struct Place { // both from 1; a column is a character, not a byte
    unsigned line = 1;
    unsigned column = 1;

    friend auto operator<=>(const Place&, const Place&) = default;
};

/// "policy.toml:2:1: unknown system 'whatsap'". What the text and its name bring along never
/// steers a terminal.
[[nodiscard]] std::string at_place(std::string_view name, Place place, std::string_view what);

class Faults {
public:
    static constexpr std::size_t kMostTold = 20;
    static constexpr std::size_t kMostKept = 1000; // more are counted

    /// One a place and subject: what follows from an earlier fault there is not told again.
    /// `subject` is a key that is missing there, or whatever else tells two faults apart.
    void add(Place place, std::string what, std::string_view subject = {});

    [[nodiscard]] bool empty() const { return faults_.empty(); }
    [[nodiscard]] bool has(Place place) const;
    /// At most kMostTold lines and "name: and 12 more". Not for an empty list.
    [[nodiscard]] Error error(std::string_view name) const;

private:
    struct Fault {
        Place place;
        std::string subject;
        std::string what;

        friend auto operator<=>(const Fault& a, const Fault& b) {
            return std::tie(a.place, a.subject) <=> std::tie(b.place, b.subject);
        }
    };

    std::set<Fault> faults_;
    std::size_t more_ = 0; // than are kept
};

} // namespace sweepgate::config
