// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/sweep/request.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <istream>
#include <unordered_set>

#include "controlplane/cli/sweep/servers.hpp"
#include "controlplane/model/address.hpp"
#include "controlplane/model/name.hpp"
#include "controlplane/model/nearest.hpp"

namespace sweepgate::cli {

namespace {

constexpr std::size_t kMostNames = 4'000'000;
constexpr std::size_t kLongestLine = 2048;
constexpr std::string_view kEverySystem = "all";

using Types = std::vector<RrType>;

/// Read when the first word asks for it: names alone need no catalog.
class LazyCatalog {
public:
    explicit LazyCatalog(const SweepCommand& command) : folders_(command.catalog) {}

    [[nodiscard]] Result<const Catalog*> get() {
        if (!catalog_) {
            auto loaded = load_catalog(folders_);
            if (!loaded) return tl::unexpected(loaded.error());
            catalog_ = std::move(*loaded);
        }
        return &*catalog_;
    }
    [[nodiscard]] bool is_read() const { return catalog_.has_value(); }
    [[nodiscard]] Catalog take() { return std::move(*catalog_); }

private:
    const std::vector<std::filesystem::path>& folders_;
    std::optional<Catalog> catalog_;
};

/// A name and what to ask about it, in no more memory than that takes: there may be millions.
struct AskedName {
    std::string name;
    std::array<RrType, 6> types{}; // all there are to sweep; the first type_count of them
    std::uint8_t type_count = 0;

    void add(RrType type) {
        const auto known = std::span(types).first(type_count);
        if (std::ranges::find(known, type) != known.end() || type_count == types.size()) return;
        types[type_count++] = type;
    }
};

/// Places among names, found by name.
class Places {
public:
    explicit Places(const std::vector<AskedName>& names)
        : places_(0, ByName{&names}, ByName{&names}) {}

    [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const {
        const auto found = places_.find(name);
        return found == places_.end() ? std::nullopt : std::optional<std::size_t>(*found);
    }
    void add(std::uint32_t place) { places_.insert(place); }

private:
    struct ByName {
        using is_transparent = void;
        const std::vector<AskedName>* names;

        [[nodiscard]] std::string_view of(std::string_view name) const { return name; }
        [[nodiscard]] std::string_view of(std::uint32_t place) const {
            return (*names)[place].name;
        }
        std::size_t operator()(const auto& key) const {
            return std::hash<std::string_view>{}(of(key));
        }
        bool operator()(const auto& left, const auto& right) const { return of(left) == of(right); }
    };
    std::unordered_set<std::uint32_t, ByName, ByName> places_;
};

class NameList {
public:
    NameList(const SweepCommand& command, LazyCatalog& catalog)
        : asked_(command.types), catalog_(catalog) {}

    [[nodiscard]] Status add_word(std::string_view word) {
        word = host_of(word);
        if (parse_address(word))
            return fail(Errc::bad_input,
                        std::string(word) +
                            " is an address, and a sweep asks for names; sweepgate "
                            "why " +
                            std::string(word) + " and sweepgate history " + std::string(word) +
                            " tell what is known of it");
        if (looks_like_a_system(word)) return add_system(std::string(word));
        auto name = canonical_name(word);
        if (!name) return tl::unexpected(name.error());
        return add(std::move(*name), asked_.empty() ? Types{RrType::a, RrType::aaaa} : asked_);
    }
    [[nodiscard]] bool empty() const { return names_.empty(); }
    /// Ends the list.
    [[nodiscard]] std::vector<Question> take(bool sorted) {
        places_ = Places(names_);
        if (sorted) std::ranges::sort(names_, {}, &AskedName::name);
        std::size_t count = 0;
        for (const auto& asked : names_) count += asked.type_count;
        std::vector<Question> questions;
        questions.reserve(count);
        for (auto& asked : names_) {
            for (const auto type : std::span(asked.types).first(asked.type_count - 1U))
                questions.push_back({asked.name, type});
            questions.push_back({std::move(asked.name), asked.types[asked.type_count - 1U]});
        }
        return questions;
    }
    [[nodiscard]] std::map<std::string, std::string> take_services() {
        return std::move(services_);
    }

private:
    /// "https://irc.libera.chat:6697/x" is pasted from a browser: the host is meant.
    static std::string_view host_of(std::string_view word) {
        const auto scheme = word.find("://");
        if (scheme == std::string_view::npos) return word;
        word.remove_prefix(scheme + 3);
        word = word.substr(0, word.find_first_of("/?#"));
        word.remove_prefix(word.find('@') == std::string_view::npos ? 0 : word.find('@') + 1);
        if (word.starts_with('[')) return word.substr(1, word.find(']') - 1);
        return word.substr(0, word.find(':'));
    }

    /// A system's id has no dot; a hostname of one label has to end in one.
    static bool looks_like_a_system(std::string_view word) {
        return !word.empty() && std::ranges::all_of(word, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   c == '-' || c == '_';
        });
    }

    Status add_system(std::string word) {
        for (auto& c : word)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        const auto catalog = catalog_.get();
        if (!catalog)
            return within("'" + word + "' has no dot, so it is a system of the catalog",
                          catalog.error());
        const auto& systems = (*catalog)->systems;
        if (word == kEverySystem) {
            for (const auto& system : systems)
                if (auto added = add(system); !added) return added;
            return {};
        }
        if (const auto* system = (*catalog)->find(word)) return add(*system);
        auto known = (*catalog)->ids();
        known.emplace_back(kEverySystem);
        return fail(Errc::not_found,
                    "the catalog has no system '" + word + "'" + did_you_mean(word, known) +
                        " (a hostname of one label ends in a dot: '" + word + ".')");
    }

    Status add(const CatalogSystem& system) {
        auto types = asked_.empty() ? Types{RrType::a, RrType::aaaa, RrType::srv} : asked_;
        const bool services = std::erase(types, RrType::srv) > 0;
        for (const auto* hostnames : {&system.hostnames, &system.shared_hostnames})
            for (const auto& hostname : *hostnames)
                if (auto added = add(hostname, types); !added) return added;
        if (services)
            for (const auto& owner : system.srv)
                if (auto added = add(owner, {RrType::srv}, system.system.id); !added) return added;
        return {};
    }

    Status add(std::string name, const Types& types, const std::string& service_of = {}) {
        if (types.empty()) return {}; // only services were asked for
        if (names_.size() >= kMostNames) return fail(Errc::bad_input, "more than 4,000,000 names");
        auto place = places_.find(name);
        if (!place) {
            place = names_.size();
            if (!service_of.empty()) services_.emplace(name, service_of);
            names_.emplace_back().name = std::move(name);
            places_.add(static_cast<std::uint32_t>(*place));
        }
        for (const auto type : types) names_[*place].add(type);
        return {};
    }

    const Types& asked_;
    LazyCatalog& catalog_;
    std::vector<AskedName> names_;
    Places places_{names_};
    std::map<std::string, std::string> services_;
};

std::string_view without_comment_and_blanks(std::string_view line) {
    constexpr std::string_view kBlanks = " \t\r";
    line = line.substr(0, line.find('#'));
    const auto begin = line.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return {};
    return line.substr(begin, line.find_last_not_of(kBlanks) - begin + 1);
}

Status read_lines(std::istream& in, const std::string& shown, NameList& names) {
    std::array<char, kLongestLine> buffer{};
    for (std::size_t number = 1; in; ++number) {
        in.getline(buffer.data(), buffer.size());
        const auto context = shown + ": line " + std::to_string(number);
        if (in.bad()) break;
        if (in.fail() && !in.eof())
            return fail(Errc::bad_input, context + ": longer than 2,047 characters");
        const auto length =
            static_cast<std::size_t>(in.gcount()) - (in.eof() || in.gcount() == 0 ? 0 : 1);
        const auto text = without_comment_and_blanks({buffer.data(), length});
        if (text.empty()) continue;
        if (auto added = names.add_word(text); !added) return within(context, added.error());
    }
    if (in.bad()) return fail(Errc::io, shown + ": cannot be read");
    return {};
}

Status read_file(const std::string& path, std::istream& standard_input, NameList& names) {
    if (path == "-") return read_lines(standard_input, "standard input", names);
    std::ifstream file(path);
    if (!file) return fail(Errc::bad_input, path + ": " + errno_text(errno));
    return read_lines(file, path, names);
}

Status read_names(const SweepCommand& command, std::istream& in, LazyCatalog& catalog,
                  SweepRequest& request) {
    NameList list(command, catalog);
    for (const auto& word : command.words)
        if (!word.starts_with('@'))
            if (auto added = list.add_word(word); !added) return added;
    if (!command.file.empty())
        if (auto read = read_file(command.file, in, list); !read) return read;
    if (list.empty()) return fail(Errc::bad_input, "no name to ask for");
    request.questions = list.take(command.sorted);
    request.services = list.take_services();
    return {};
}

Result<std::optional<Site>> read_site(const SweepCommand& command, LazyCatalog& catalog) {
    if (!command.guard || (!catalog.is_read() && command.policy.empty()))
        return std::optional<Site>{};
    if (auto ready = catalog.get(); !ready) return tl::unexpected(ready.error());
    std::error_code unreadable;
    const bool has_own = std::filesystem::exists(command.site_policy, unreadable);
    const auto path = !command.policy.empty() ? command.policy
                      : has_own               ? command.site_policy.string()
                                              : std::string{};
    Site site{catalog.take(), {}};
    if (path.empty()) return std::optional(std::move(site));
    auto policy = load_policy(path, site.catalog);
    if (!policy) return tl::unexpected(policy.error());
    site.policy = std::move(*policy);
    return std::optional(std::move(site));
}

} // namespace

std::size_t count_names(std::span<const Question> questions) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < questions.size(); ++i)
        count += std::size_t{i == 0 || questions[i].name != questions[i - 1].name};
    return count;
}

Result<SweepRequest> read_request(const SweepCommand& command, std::istream& in) {
    LazyCatalog catalog(command);
    SweepRequest request;
    if (auto names = read_names(command, in, catalog, request); !names)
        return tl::unexpected(names.error());
    auto site = read_site(command, catalog);
    if (!site) return tl::unexpected(site.error());
    auto servers = servers_of(command);
    if (!servers) return tl::unexpected(servers.error());
    request.servers = std::move(servers->servers);
    request.told = std::move(servers->told);
    request.site = std::move(*site);
    return request;
}

} // namespace sweepgate::cli
