// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/arguments.hpp"

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string_view>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "controlplane/cli/contexts.hpp"
#include "controlplane/cli/source_lines.hpp"
#include "controlplane/cli/table.hpp"
#include "controlplane/cli/terminal.hpp"
#include "controlplane/config/document.hpp"
#include "controlplane/model/nearest.hpp"

namespace sweepgate::cli {

namespace {

constexpr std::size_t kMostSource = std::size_t{1} << 20U;

/// What was typed; empty is not.
struct Typed {
    std::string connect;
    std::string key;
    std::string server_key;
    std::string context;
    long timeout_ms = 0;
};

std::string variable(const char* name) {
    const char* text = std::getenv(name); // NOLINT(concurrency-mt-unsafe): before any thread
    return text == nullptr ? "" : text;
}

void lay_over(std::string& value, const std::string& above) {
    if (!above.empty()) value = above;
}

/// The weakest first: the context that is current or named by the environment, the environment,
/// a context that was typed, what was typed.
void lay_over(Connection& connection, const Context& context) {
    lay_over(connection.endpoint, context.connect);
    lay_over(connection.key_file, context.key);
    lay_over(connection.server_file, context.server_key);
    if (context.timeout) connection.timeout = *context.timeout;
}

/// Null where none is named. Throws what the line's parser tells as its user's fault.
const Context* named(const Contexts& contexts, const std::string& name) {
    if (name.empty()) return nullptr;
    const auto* context = contexts.find(name);
    if (context == nullptr)
        throw CLI::ValidationError("--context", "no context '" + name + "' in " +
                                                    contexts.file.string() +
                                                    did_you_mean(name, contexts.names()));
    return context;
}

void settle(Connection& connection, const Typed& typed) {
    const auto contexts = load_contexts(contexts_file());
    if (!contexts) {
        connection.fault = contexts.error();
        if (const auto text = config::read_file(contexts_file(), kMostSource))
            remember_source(contexts_file().string(), *text);
        return;
    }
    auto chosen = variable("SWEEPGATE_CONTEXT");
    if (chosen.empty()) chosen = contexts->current;
    if (typed.context.empty())
        if (const auto* context = named(*contexts, chosen)) lay_over(connection, *context);
    lay_over(connection.endpoint, variable("SWEEPGATE_CONNECT"));
    lay_over(connection.key_file, variable("SWEEPGATE_KEY"));
    lay_over(connection.server_file, variable("SWEEPGATE_SERVER_KEY"));
    if (const auto* context = named(*contexts, typed.context)) lay_over(connection, *context);
    lay_over(connection.endpoint, typed.connect);
    lay_over(connection.key_file, typed.key);
    lay_over(connection.server_file, typed.server_key);
    if (typed.timeout_ms > 0) connection.timeout = std::chrono::milliseconds(typed.timeout_ms);
}

int show_contexts(const Connection& connection, bool json) {
    const auto contexts = load_contexts(contexts_file());
    if (!contexts) {
        std::cerr << told_with_lines(contexts.error().what, Sources::files);
        return exit_code(contexts.error());
    }
    if (json) {
        auto rows = nlohmann::json::array();
        for (const auto& context : contexts->all)
            rows.push_back({{"name", context.name},
                            {"connect", context.connect},
                            {"key", context.key},
                            {"server_key", context.server_key},
                            {"current", context.name == contexts->current}});
        std::cout << json_text(nlohmann::json{{"kind", "contexts"}, {"contexts", rows}}) << '\n';
        return kOk;
    }
    if (contexts->all.empty()) {
        std::cout << "no contexts in " << contexts->file.string() << "; commands go to "
                  << connection.endpoint << '\n';
        return kOk;
    }
    Table table({"", "NAME", "CONNECT", Column("KEY").rank(1)});
    for (const auto& context : contexts->all)
        table.add({context.name == contexts->current ? "*" : "", context.name, context.connect,
                   context.key});
    table.print(std::cout);
    return kOk;
}

bool takes_value(const CLI::App& app, std::string_view word) {
    const auto* option = word.find('=') == std::string_view::npos
                             ? app.get_option_no_throw(std::string(word))
                             : nullptr;
    return option != nullptr && option->get_items_expected_max() > 0;
}

} // namespace

void add_connection(CLI::App& app, Connection& connection) {
    const auto typed = std::make_shared<Typed>();
    app.add_option("--connect", typed->connect,
                   "the controller's requests endpoint, ipc:///PATH or tcp://HOST:PORT "
                   "[" +
                       connection.endpoint + "]")
        ->type_name("ENDPOINT");
    app.add_option("--key", typed->key, "own CURVE key file, for tcp://")->type_name("FILE");
    app.add_option("--server-key", typed->server_key,
                   "the controller's public CURVE key file, for tcp://")
        ->type_name("FILE");
    app.add_option("--context", typed->context, "a controller of the configuration file, by name")
        ->type_name("NAME");
    app.add_option("--timeout", typed->timeout_ms, "how long to wait for an answer, ms [10000]")
        ->check(CLI::Range(100L, 600'000L))
        ->type_name("MS");
    app.parse_complete_callback([&connection, typed] { settle(connection, *typed); });
}

Connection untyped_connection() {
    Connection connection;
    try {
        settle(connection, {});
    } catch (const CLI::ValidationError& error) {
        connection.fault = Error{Errc::bad_input, error.what()};
    }
    return connection;
}

void add_contexts(CLI::App& app, Connection& connection, int& exit_status) {
    const auto json = std::make_shared<bool>(false);
    auto* contexts = app.add_subcommand("contexts", "the controllers of the configuration file");
    contexts->add_flag("--json", *json, "one JSON object");
    contexts->footer(
        "~/.config/sweepgate/config.toml, or sweepgate/config.toml in XDG_CONFIG_HOME:\n"
        "  current = \"berlin\"\n"
        "  [[context]]\n"
        "  name = \"berlin\"\n"
        "  connect = \"tcp://192.0.2.10:7655\"\n"
        "  key = \"alice.key\"                 relative to the file; ~/ is the home folder\n"
        "  server_key = \"berlin.curve.pub\"\n"
        "  timeout_ms = 5000                 may be left out\n"
        "What counts, the strongest first: --connect, --key, --server-key, --timeout; --context;\n"
        "SWEEPGATE_CONNECT, SWEEPGATE_KEY, SWEEPGATE_SERVER_KEY; SWEEPGATE_CONTEXT; current.");
    contexts->callback(
        [&connection, &exit_status, json] { exit_status = show_contexts(connection, *json); });
}

std::vector<const char*> flags_behind_command(const CLI::App& app, int argc,
                                              const char* const* argv) {
    std::vector<const char*> line;
    std::vector<const char*> flags;
    bool before_command = true;
    for (int i = 0; i < argc; ++i) {
        const std::string_view word = argv[i];
        const bool is_flag = before_command && (word == "--json" || word == "--all");
        if (is_flag) {
            flags.push_back(argv[i]);
            continue;
        }
        line.push_back(argv[i]);
        if (i == 0 || !before_command) continue;
        if (word.starts_with('-')) {
            if (takes_value(app, word) && i + 1 < argc) line.push_back(argv[++i]);
            continue;
        }
        before_command = false;
        line.insert(line.end(), flags.begin(), flags.end());
        flags.clear();
    }
    line.insert(line.end(), flags.begin(), flags.end());
    return line;
}

} // namespace sweepgate::cli
