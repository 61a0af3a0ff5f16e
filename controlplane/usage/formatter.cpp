// SPDX-License-Identifier: Apache-2.0
// How help looks: arguments are words in capitals.
#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <CLI/CLI.hpp>

#include "controlplane/usage/usage.hpp"

namespace sweepgate::usage {

namespace {

std::string in_capitals(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return std::toupper(c); });
    return text;
}

class Formatter : public CLI::Formatter {
public:
    std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
        const auto name = CLI::Formatter::make_option_name(option, is_positional);
        return is_positional ? in_capitals(name) : name;
    }

    std::string make_option_opts(const CLI::Option* option) const override {
        auto text = CLI::Formatter::make_option_opts(option);
        if (option->get_positional()) return erase_type(text);
        for (const auto& [type, word] : kTypes)
            if (text.starts_with(type)) return word + text.substr(type.size());
        return text;
    }

    std::string make_option_usage(const CLI::Option* option) const override {
        return in_capitals(CLI::Formatter::make_option_usage(option));
    }

private:
    inline static const std::array<std::pair<std::string, std::string>, 4> kTypes{
        {{" TEXT", " TEXT"}, {" UINT", " N"}, {" INT", " N"}, {" FLOAT", " N"}}};

    static std::string erase_type(const std::string& text) {
        if (!text.starts_with(' ')) return text;
        const auto end = text.find(' ', 1);
        const auto rest = end == std::string::npos ? "" : text.substr(end);
        return rest.find("REQUIRED") != std::string::npos ? "" : rest;
    }
};

void apply(CLI::App& app, const std::shared_ptr<Formatter>& formatter) {
    app.formatter(formatter);
    for (auto* command : app.get_subcommands([](CLI::App*) { return true; }))
        apply(*command, formatter);
}

} // namespace

void style(CLI::App& app) {
    const auto formatter = std::make_shared<Formatter>();
    formatter->column_width(34);
    apply(app, formatter);
}

} // namespace sweepgate::usage
