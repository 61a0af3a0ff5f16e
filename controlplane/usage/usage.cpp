// SPDX-License-Identifier: Apache-2.0
#include "controlplane/usage/usage.hpp"

#include <algorithm>
#include <iostream>
#include <vector>

#include <CLI/CLI.hpp>

#include "controlplane/model/nearest.hpp"
#include "controlplane/model/text.hpp"
#include "controlplane/usage/words.hpp"

namespace sweepgate::usage {

namespace {

std::vector<std::string> option_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* option : app.get_options())
        for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* command : app.get_subcommands([](const CLI::App* one) {
             return !one->get_group().empty(); // hidden ones have none
         }))
        names.push_back(command->get_name());
    return names;
}

class Fault {
public:
    Fault(const CLI::App& app, int argc, const char* const* argv, const Missing& missing)
        : app_(app), words_(argv + std::min(argc, 1), argv + argc), missing_(missing) {
        program_ = app.get_name();
        for (const auto* at = &app; at != nullptr;) {
            chosen_.push_back(at);
            const auto parsed = at->get_subcommands();
            at = parsed.empty() ? nullptr : parsed.front();
            if (at != nullptr) program_ += ' ' + at->get_name();
        }
    }

    [[nodiscard]] const std::string& program() const { return program_; }

    [[nodiscard]] std::string what(const CLI::ParseError& error) {
        // The library names some of its errors by the command that they are about: the code tells.
        const std::string sentence = error.what();
        switch (static_cast<CLI::ExitCodes>(error.get_exit_code())) {
        case CLI::ExitCodes::ExtrasError: return unknown_word();
        case CLI::ExitCodes::RequiredError: return what_is_missing(sentence);
        case CLI::ExitCodes::ConversionError: return not_converted(sentence);
        case CLI::ExitCodes::ValidationError: return at_option(sentence);
        case CLI::ExitCodes::ArgumentMismatch:
            return sentence.substr(0, sentence.find(':')) + " needs a value";
        case CLI::ExitCodes::ExcludesError:
            return replaced(sentence, " excludes ", " cannot go with ");
        case CLI::ExitCodes::RequiresError: return replaced(sentence, " requires ", " needs ");
        default: return sentence;
        }
    }

private:
    static std::string replaced(std::string text, const std::string& old,
                                const std::string& fresh) {
        if (const auto at = text.find(old); at != std::string::npos)
            text.replace(at, old.size(), fresh);
        return text;
    }

    static std::string at_option(const std::string& sentence) {
        const auto colon = sentence.find(": ");
        if (colon == std::string::npos) return refused_value(sentence);
        const auto option = sentence.substr(0, colon);
        // A check that throws names its option as the library does.
        if (sentence.compare(colon + 2, colon + 2, option + ": ") == 0)
            return at_option(sentence.substr(colon + 2));
        // A positional argument says itself what it is.
        return (option.starts_with('-') ? option + ": " : "") +
               refused_value(sentence.substr(colon + 2));
    }

    /// The first in the order typed.
    std::string unknown_word() {
        const auto left = app_.remaining(true);
        std::string first = left.empty() ? "" : left.front();
        for (const auto& word : words_)
            if (std::find(left.begin(), left.end(), word) != left.end()) {
                first = word;
                break;
            }
        if (first.starts_with('-') && first.size() > 1) return unknown_option(first);
        const bool is_command = !command_names(*chosen_.back()).empty();
        if (is_command)
            return "no command '" + first + "'" +
                   did_you_mean(first, command_names(*chosen_.back()));
        return "'" + first + "' is an argument too many";
    }

    [[nodiscard]] std::string unknown_option(const std::string& word) const {
        const auto name = word.substr(0, word.find('='));
        std::vector<std::string> known;
        for (const auto* app : chosen_)
            for (auto& option : option_names(*app)) known.push_back(std::move(option));
        return "no option '" + name + "'" + did_you_mean(name, known);
    }

    [[nodiscard]] std::string what_is_missing(const std::string& sentence) {
        constexpr std::string_view kEnd = " is required";
        auto name = sentence.substr(0, sentence.find(kEnd));
        const bool is_command = name.find(' ') != std::string::npos; // "A subcommand"
        if (is_command && !app_.remaining(true).empty()) return unknown_word();
        if (name.starts_with('-')) return name + " is missing";
        std::string path;
        for (std::size_t i = 1; i < chosen_.size(); ++i)
            path += (i > 1 ? " " : "") + chosen_[i]->get_name();
        if (missing_ && !is_command)
            if (auto text = missing_(path); !text.empty()) return text;
        if (is_command) return "name a command: " + joined(command_names(*chosen_.back()));
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return std::toupper(c); });
        return name + " is missing";
    }

    static std::string joined(const std::vector<std::string>& words) {
        std::string text;
        for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
        return text;
    }

    const CLI::App& app_;
    std::vector<std::string> words_;
    const Missing& missing_;
    std::vector<const CLI::App*> chosen_; // the program, its command, a command of that
    std::string program_;
};

} // namespace

std::optional<int> parse(CLI::App& app, int argc, const char* const* argv, const Missing& missing) {
    style(app);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        Fault fault(app, argc, argv, missing);
        complain(fault.program(), fault.what(error));
        return kExitCode;
    }
    if (!command_names(app).empty() && app.get_subcommands().empty()) {
        const auto text = missing ? missing({}) : std::string();
        complain(app.get_name(), text.empty() ? "name a command" : text);
        return kExitCode;
    }
    return std::nullopt;
}

std::string complaint(const std::string& program, const std::string& what) {
    std::string text;
    for (std::size_t begin = 0; begin <= what.size();) {
        const auto end = std::min(what.find('\n', begin), what.size());
        const auto line = printable(std::string_view(what).substr(begin, end - begin));
        // "file: and 12 more" closes a list of places.
        const bool bare = names_a_place(line) || (begin > 0 && names_a_place(what));
        text += (bare ? "" : program + ": ") + line + '\n';
        begin = end + 1;
    }
    return text;
}

void complain(const std::string& program, const std::string& what) {
    std::cerr << complaint(program, what);
}

} // namespace sweepgate::usage
