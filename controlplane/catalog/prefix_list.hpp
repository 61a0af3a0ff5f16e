// SPDX-License-Identifier: Apache-2.0
// Lists as people have them: the networks of an autonomous system, a feed, what another program
// blocks. A byte order mark, CRLF, empty lines and comments ('#', ';', '//', '!') count for
// nothing.
//
//   plain    one a line: a prefix, an address, a network and its mask ("192.0.2.0/255.255.255.0",
//            also with a space), a range ("192.0.2.1-192.0.2.7"), a range of a P2P list
//            ("name:192.0.2.1-192.0.2.7")
//   hosts    "0.0.0.0 irc.example.net www.example.net": the names, not the address
//   dnsmasq  "address=/irc.example.net/", "server=/.../", "local=/.../", "ipset=", "nftset="
//   adblock  "||irc.example.net^" and addresses written so
//   nft      elements of nftables sets, as `nft list set` prints them and `add element` takes them
//   domains  one name a line, also "full:name" and "domain:name" of v2fly lists
//
// A bad line costs that line. A list with more bad lines than kMostFaults and one in a hundred, or
// with more bad ones than good ones, is none; nor is one without any entry, since that is what a
// failed download leaves behind.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/model/prefix.hpp"
#include "controlplane/model/result.hpp"

namespace sweepgate {

inline constexpr std::size_t kMaxListed = 100'000; // prefixes in one file
inline constexpr std::size_t kMaxListedNames = 20'000;
inline constexpr std::size_t kMaxListBytes = std::size_t{8} << 20U;
inline constexpr std::size_t kMostFaults = 100;
inline constexpr std::size_t kFaultsTold = 8; // of one list, by line and text

enum class ListFormat : std::uint8_t { plain, hosts, dnsmasq, adblock, nft, domains };

/// "hosts"; "auto" is plain.
[[nodiscard]] std::optional<ListFormat> list_format_from(std::string_view word);
[[nodiscard]] std::string_view to_string(ListFormat format);
[[nodiscard]] std::vector<std::string> list_format_words();

struct ListedPrefix {
    Prefix prefix;
    unsigned line = 0;
};

struct ListedName {
    std::string hostname;
    unsigned line = 0;
};

struct PrefixList {
    std::vector<ListedPrefix> prefixes; // in the order of the file
    std::vector<ListedName> names;
    std::vector<std::string>
        faults;             // "l.txt:2: '942.1.1.1' is not a prefix", the first kFaultsTold
    std::size_t faulty = 0; // lines
    std::size_t masked = 0; // prefixes that had host bits

    /// What is to be told of it, a line each: its faults and how many more, host bits.
    [[nodiscard]] std::vector<std::string> warnings(std::string_view name) const;
};

/// Errors: io; bad_input naming file, line and value for what is no list (see above), and for what
/// exceeds kMaxListed or kMaxListedNames.
[[nodiscard]] Result<PrefixList> load_prefix_list(const std::filesystem::path& path,
                                                  ListFormat format = ListFormat::plain);
/// `name` stands for the file in errors.
[[nodiscard]] Result<PrefixList> parse_prefix_list(std::string_view text, std::string_view name,
                                                   ListFormat format = ListFormat::plain);

/// A plain file name of letters, digits, '.', '-' and '_' that does not begin with a dot: whoever
/// may push a policy must not have other files of this machine read.
[[nodiscard]] bool is_list_name(std::string_view name);

} // namespace sweepgate
