// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/completion.hpp"

#include <algorithm>
#include <filesystem>
#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "controlplane/cli/contexts.hpp"
#include "controlplane/cli/fields.hpp"
#include "controlplane/cli/keys_command.hpp"
#include "controlplane/model/text.hpp"
#include "controlplane/wire/keys.hpp"

namespace sweepgate::cli {

namespace {

using Words = std::vector<std::string>;

constexpr const char* kCatalog = "/usr/share/sweepgate/catalog";

Words column(const json& answer, const char* rows, const char* key) {
    Words words;
    for (const auto& row : list(answer, rows))
        if (auto word = text(row, key); !word.empty()) words.push_back(std::move(word));
    return words;
}

Words held_systems(const json& status) {
    Words words;
    for (const auto& row : list(status, "systems"))
        if (!text(row, "held").empty()) words.push_back(text(row, "id"));
    return words;
}

/// A system's id is its file's name.
Words catalog_systems() {
    Words words{"all"};
    std::error_code fault;
    for (const auto& item : std::filesystem::directory_iterator(kCatalog, fault))
        if (item.path().extension() == ".toml") words.push_back(item.path().stem().string());
    return words;
}

Words authorized_names() {
    Words words;
    if (const auto keys = wire::AuthorizedKeys::load(kAuthorizedKeys))
        for (const auto& [key, entry] : keys->all()) words.push_back(entry.name);
    return words;
}

Words context_names() {
    const auto contexts = load_contexts(contexts_file());
    return contexts ? contexts->names() : Words{};
}

Words command_names(const CLI::App& app) {
    Words words;
    for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
        if (!command->get_group().empty()) words.push_back(command->get_name());
    return words;
}

/// Values of "TEXT:{client,system}", as CLI11 describes an option that takes one of them.
Words listed_values(const CLI::Option& option) {
    const auto type = option.get_type_name();
    const auto begin = type.find('{');
    const auto end = type.find('}', begin);
    Words words;
    if (begin == std::string::npos || end == std::string::npos) return words;
    for (auto at = begin + 1; at < end;) {
        const auto comma = std::min(type.find(',', at), end);
        words.push_back(type.substr(at, comma - at));
        at = comma + 1;
    }
    return words;
}

class Line {
public:
    Line(const CLI::App& app, const Words& words, const Lookup& lookup) : lookup_(lookup) {
        chain_.push_back(&app);
        for (std::size_t i = 0; i + 1 < words.size(); ++i) take(words[i]);
        if (!words.empty()) typed_ = words.back();
    }

    Words candidates() {
        if (pending_ != nullptr) return values_of(*pending_);
        if (typed_.starts_with('-')) return options();
        if (positionals_ == 0)
            if (auto commands = command_names(*chain_.back()); !commands.empty()) return commands;
        return values();
    }

    [[nodiscard]] const std::string& typed() const { return typed_; }

private:
    void take(const std::string& word) {
        if (pending_ != nullptr) {
            pending_ = nullptr;
        } else if (word.starts_with('-')) {
            const auto* option = word.find('=') == std::string::npos ? find(word) : nullptr;
            if (option != nullptr && option->get_items_expected_max() > 0) pending_ = option;
        } else if (const auto* command = positionals_ == 0 ? below(word) : nullptr) {
            chain_.push_back(command);
            path_ += (path_.empty() ? "" : " ") + word;
        } else {
            ++positionals_;
        }
    }

    [[nodiscard]] const CLI::Option* find(const std::string& word) const {
        for (const auto* app : chain_)
            if (const auto* option = app->get_option_no_throw(word)) return option;
        return nullptr;
    }

    [[nodiscard]] const CLI::App* below(const std::string& word) const {
        for (const auto* command :
             chain_.back()->get_subcommands([](const CLI::App*) { return true; }))
            if (command->get_name() == word) return command;
        return nullptr;
    }

    [[nodiscard]] Words options() const {
        Words words;
        for (const auto* app : chain_)
            for (const auto* option : app->get_options())
                for (const auto& name : option->get_lnames()) words.push_back("--" + name);
        return words;
    }

    static Words values_of(const CLI::Option& option) {
        if (auto listed = listed_values(option); !listed.empty()) return listed;
        if (option.check_lname("context")) return context_names();
        for (const auto* free : {"timeout", "name", "at", "connect", "server", "ports"})
            if (option.check_lname(free)) return {};
        return option.get_type_name() == "UINT" ? Words{} : Words{kFiles};
    }

    [[nodiscard]] Words values() const {
        if (path_ == "backup" || path_ == "restore") return {kFiles};
        if (path_ == "push" || path_ == "plan" || path_.starts_with("keys "))
            return path_ == "keys revoke" ? authorized_names() : Words{kFiles};
        if (path_ == "approve" || path_ == "refuse") return held_systems(lookup_("status"));
        if (path_ == "diff") return column(lookup_("generations"), "generations", "generation");
        if (path_ == "policies" && positionals_ == 0) return {"show"};
        if (path_ == "rollback" || path_ == "policies")
            return column(lookup_("policies"), "policies", "number");
        if (path_ == "gates forget") return column(lookup_("status"), "gates", "gate");
        if (path_ == "sweep") return catalog_systems();
        if (path_ == "help") return help_words();
        return {};
    }

    [[nodiscard]] Words help_words() const { return command_names(*chain_.front()); }

    const Lookup& lookup_;
    std::vector<const CLI::App*> chain_;
    std::string path_; // of commands
    std::string typed_;
    const CLI::Option* pending_ = nullptr; // its value comes next
    std::size_t positionals_ = 0;
};

} // namespace

Words completions(const CLI::App& app, const Words& words, const Lookup& lookup) {
    Line line(app, words, lookup);
    Words fitting;
    for (auto& word : line.candidates())
        if (word == kFiles || word.starts_with(line.typed())) fitting.push_back(printable(word));
    std::sort(fitting.begin(), fitting.end());
    fitting.erase(std::unique(fitting.begin(), fitting.end()), fitting.end());
    return fitting;
}

void print_completions(const CLI::App& app, const Words& words, Connection connection,
                       std::ostream& out) {
    connection.timeout = std::chrono::seconds(1);
    const auto lookup = [&](const std::string& verb) {
        auto answer = ask(connection, verb, "");
        return answer ? std::move(*answer) : json();
    };
    for (const auto& word : completions(app, words, lookup)) out << word << '\n';
}

} // namespace sweepgate::cli
