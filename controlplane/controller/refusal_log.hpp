// SPDX-License-Identifier: Apache-2.0
// What was refused, and what readers elsewhere asked, on its way to the audit. The first of a kind
// is written at once; what repeats is counted and written once a minute, or once an hour where it
// was permitted, so that nobody floods the audit.
// Thread-safe and short: it is called on the socket thread.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "controlplane/wire/publisher.hpp"

namespace sweepgate::controller {

class RefusalLog {
public:
    struct Entry {
        std::string who;    // "bob", "key 3f2a9c0d1e5b7a86"
        std::string origin; // audit_origin.hpp
        std::string address;
        std::string verb;   // "push", "connect"
        std::string result; // why it was refused; empty: it was not
        std::uint64_t times = 1;
    };
    using Steady = std::chrono::steady_clock::time_point;

    /// One without a reason was permitted.
    void add(const wire::Refusal& refusal, Steady now = std::chrono::steady_clock::now());
    /// What is to be written now, at most kMostAtOnce of them.
    [[nodiscard]] std::vector<Entry> take(Steady now = std::chrono::steady_clock::now());
    /// "key xY3abcde... refused from 192.0.2.9: not in authorized_keys": keys that knocked within
    /// the last five minutes. Empty: none did.
    [[nodiscard]] std::string knocking(Steady now = std::chrono::steady_clock::now()) const;

    static constexpr std::size_t kMostKinds = 256;
    static constexpr std::size_t kMostAtOnce = 8;
    static constexpr std::chrono::seconds kRepeatEvery{60};
    static constexpr std::chrono::hours kReadEvery{1};
    static constexpr std::chrono::seconds kKnocks{300};

private:
    struct Kind {
        Entry entry;
        std::uint64_t unwritten = 0;
        Steady written{};
        Steady last{};
        bool knock = false;
    };
    mutable std::mutex mutex_;
    std::map<std::pair<std::string, std::string>, Kind> kinds_; // by who and where, verb
    std::uint64_t untold_ = 0;                                  // of kinds there was no room for
};

} // namespace sweepgate::controller
