// SPDX-License-Identifier: Apache-2.0
// Which DNS zones an operator runs, learnt from the names that the catalog has of it. A CNAME chain
// that leads elsewhere hands the choice of address to somebody else: owners of blocked names have
// used that to get VKontakte and Yandex blocked (Russia, June 2017).
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace sweepgate {

/// The part of `name` that one owner registers: "example.co.uk" of "a.b.example.co.uk". A name that
/// is itself a public suffix is returned whole. Source: publicsuffix.org, as libpsl was built with.
[[nodiscard]] std::string registrable(std::string_view name);

class OperatorZones {
public:
    /// The zone of one of the operator's own names.
    void learn(const std::string& operator_name, std::string_view hostname);
    /// For one system only: approved by an administrator.
    void approve(const std::string& system, const std::string& zone);

    [[nodiscard]] bool owns(const std::string& operator_name, std::string_view name) const;
    [[nodiscard]] bool is_approved(const std::string& system, std::string_view name) const;

private:
    std::map<std::string, std::set<std::string, std::less<>>> zones_;    // by operator
    std::map<std::string, std::set<std::string, std::less<>>> approved_; // by system
};

} // namespace sweepgate
