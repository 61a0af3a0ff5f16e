// SPDX-License-Identifier: Apache-2.0
#include "controlplane/catalog/prefix_list.hpp"

#include <algorithm>
#include <array>

#include "controlplane/catalog/list_lines.hpp"
#include "controlplane/config/document.hpp"
#include "controlplane/model/text.hpp"

namespace sweepgate {

namespace {

constexpr std::size_t kMaxName = 64;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

struct FormatWord {
    ListFormat format;
    std::string_view word;
};
constexpr std::array<FormatWord, 7> kFormats{{{ListFormat::plain, "plain"},
                                              {ListFormat::plain, "auto"},
                                              {ListFormat::hosts, "hosts"},
                                              {ListFormat::dnsmasq, "dnsmasq"},
                                              {ListFormat::adblock, "adblock"},
                                              {ListFormat::nft, "nft"},
                                              {ListFormat::domains, "domains"}}};

/// Puts lines together and keeps count of what they cost.
class Reader {
public:
    explicit Reader(std::string_view name) : name_(name) {}

    Status take(const Result<LineSays>& says, unsigned line) {
        if (!says) {
            reject(line, says.error().what);
            return {};
        }
        if (says->prefixes.empty() && says->names.empty()) return {};
        ++good_;
        list_.masked += says->masked;
        for (const auto& prefix : says->prefixes) list_.prefixes.push_back({prefix, line});
        for (const auto& name : says->names) list_.names.push_back({name, line});
        if (list_.prefixes.size() > kMaxListed)
            return too_many(line, std::to_string(kMaxListed) + " prefixes");
        if (list_.names.size() > kMaxListedNames)
            return too_many(line, std::to_string(kMaxListedNames) + " names");
        return {};
    }

    Result<PrefixList> finish() {
        const auto lines = good_ + list_.faulty;
        if (list_.faulty > 0 &&
            (list_.faulty > good_ || list_.faulty > std::max(kMostFaults, lines / 100)))
            return fail(Errc::bad_input,
                        list_.faults.front() + "; " + std::to_string(list_.faulty) + " of its " +
                            std::to_string(lines) + " lines are bad, which makes it no list");
        if (good_ == 0) return fail(Errc::bad_input, std::string(name_) + ": no entry in it");
        return std::move(list_);
    }

private:
    void reject(unsigned line, const std::string& why) {
        ++list_.faulty;
        if (list_.faults.size() == kFaultsTold) return;
        auto text = std::string(name_) + ":" + std::to_string(line) + ": " + why;
        list_.faults.push_back(std::move(text));
    }
    [[nodiscard]] Status too_many(unsigned line, const std::string& what) const {
        return fail(Errc::bad_input,
                    std::string(name_) + ":" + std::to_string(line) + ": more than " + what);
    }

    std::string_view name_;
    PrefixList list_;
    std::size_t good_ = 0; // lines, or elements
};

Result<PrefixList> read_lines(std::string_view text, std::string_view name, ListFormat format) {
    Reader reader(name);
    unsigned line = 0;
    for (std::size_t start = 0; start < text.size();) {
        const auto end = std::min(text.find('\n', start), text.size());
        ++line;
        if (auto ok = reader.take(read_list_line(text.substr(start, end - start), format), line);
            !ok)
            return tl::unexpected(ok.error());
        start = end + 1;
    }
    return reader.finish();
}

Result<PrefixList> read_nft(std::string_view text, std::string_view name) {
    Reader reader(name);
    for (const auto& element : nft_elements(text))
        if (auto ok = reader.take(read_listed_value(element.text), element.line); !ok)
            return tl::unexpected(ok.error());
    return reader.finish();
}

} // namespace

std::optional<ListFormat> list_format_from(std::string_view word) {
    for (const auto& each : kFormats)
        if (each.word == word) return each.format;
    return std::nullopt;
}

std::string_view to_string(ListFormat format) {
    for (const auto& each : kFormats)
        if (each.format == format) return each.word;
    return "unknown";
}

std::vector<std::string> list_format_words() {
    std::vector<std::string> words;
    for (const auto& each : kFormats) words.emplace_back(each.word);
    return words;
}

std::vector<std::string> PrefixList::warnings(std::string_view name) const {
    auto told = faults;
    const std::string file(name);
    if (faulty > faults.size())
        told.push_back(file + ": and " + std::to_string(faulty - faults.size()) +
                       " more bad lines; all are left out");
    if (masked > 0)
        told.push_back(file + ": " + std::to_string(masked) +
                       (masked == 1 ? " prefix has" : " prefixes have") +
                       " host bits set; taken as the networks they lie in");
    return told;
}

Result<PrefixList> parse_prefix_list(std::string_view text, std::string_view name,
                                     ListFormat format) {
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    return format == ListFormat::nft ? read_nft(text, name) : read_lines(text, name, format);
}

Result<PrefixList> load_prefix_list(const std::filesystem::path& path, ListFormat format) {
    const auto text = config::read_file(path, kMaxListBytes);
    if (!text) return tl::unexpected(text.error());
    return parse_prefix_list(*text, path.string(), format);
}

bool is_list_name(std::string_view name) {
    return !name.empty() && name.size() <= kMaxName && name.front() != '.' &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_';
           });
}

} // namespace sweepgate
