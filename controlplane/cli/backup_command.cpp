// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/backup_command.hpp"

#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "controlplane/backup/backup.hpp"
#include "controlplane/backup/restore.hpp"
#include "controlplane/cli/connection.hpp"
#include "controlplane/cli/interrupt.hpp"
#include "controlplane/cli/passphrase.hpp"
#include "controlplane/cli/source_lines.hpp"
#include "controlplane/cli/terminal.hpp"
#include "controlplane/controller/restored.hpp"

namespace sweepgate::cli {

namespace {

constexpr const char* kDefaultConfig = "/etc/sweepgate/sweepgated.toml";

struct BackupChoice {
    std::string file;
    std::string config = kDefaultConfig;
    std::string passphrase_file;
    bool with_keys = false;
    bool force = false;
    bool yes = false;
};

int complain(const Error& error) {
    std::cerr << told_with_lines(error.what, Sources::files);
    return exit_code(error);
}

void tell(const std::string& text) { std::cout << fitted(text, screen_of(std::cout)); }

int count_below(const backup::Manifest& manifest, std::string_view name) {
    int count = 0;
    for (const auto& file : manifest.files)
        if (file.name == name || file.name.starts_with(std::string(name) + "/")) ++count;
    return count;
}

std::string about(const backup::Manifest& manifest) {
    std::uint64_t bytes = 0;
    for (const auto& file : manifest.files) bytes += file.size;
    return fmt::format("backup of {}, {}, generation {}: {} files, {} bytes: configuration {}, "
                       "catalog {}, lists {}, state {}, authorized keys {}; secret keys {}\n",
                       manifest.host, controller::time_text(manifest.made), manifest.generation,
                       manifest.files.size(), grouped(bytes), count_below(manifest, "config"),
                       count_below(manifest, "catalog"), count_below(manifest, "lists"),
                       count_below(manifest, "state"),
                       count_below(manifest, "keys/authorized_keys"),
                       manifest.keys ? "yes, encrypted" : "none");
}

int run_backup(const BackupChoice& choice) {
    backup::BackupRequest request{choice.file, choice.config, std::nullopt, choice.force};
    if (choice.with_keys) {
        auto words = passphrase(choice.passphrase_file, PassphraseFor::sealing);
        if (!words) return complain(words.error());
        request.passphrase = std::move(*words);
    } else if (!choice.passphrase_file.empty()) {
        return complain({Errc::bad_input, "--passphrase-file goes with --with-keys: without keys a "
                                          "backup is not encrypted"});
    }
    const Interrupt whole; // one Ctrl-C leaves no half of it: it ends soon
    const auto made = backup::make_backup(request);
    if (!made) return complain(made.error());
    auto text = choice.file + ": " + about(made->manifest);
    for (const auto& place : made->absent)
        text += fmt::format("not in it, as there is none: {}\n", place.path.string());
    for (const auto& path : made->left_out)
        text += fmt::format("not in it, as it is no regular file: {}\n", path);
    for (const auto& place : made->keys_left_out)
        text +=
            fmt::format("not in it: {}; without it a lost machine's gates have to be given a new "
                        "key; --with-keys takes it along\n",
                        place.path.string());
    if (made->manifest.keys)
        text += "whoever has file and passphrase can speak for this controller: keep them apart\n";
    tell(text);
    return kOk;
}

std::string plan_of(const backup::Verified& verified) {
    auto text = about(verified.manifest()) + "every sum is right\n";
    for (const auto* place : verified.targets())
        text += fmt::format(
            "{} {}\n", std::filesystem::exists(place->path) ? "replaces, and sets aside," : "makes",
            place->path.string());
    for (const auto* key : verified.keys_not_in_it())
        text += fmt::format("{}\n", std::filesystem::exists(key->path)
                                        ? "keeps " + key->path.string()
                                        : "misses " + key->path.string() +
                                              ": a new one has to be made, see below");
    return text;
}

Status confirm(const BackupChoice& choice) {
    if (choice.yes) return {};
    if (isatty(STDIN_FILENO) == 0)
        return fail(Errc::refused,
                    "nothing was changed; without a terminal --yes says that it is meant");
    std::cerr << "Is that meant? [y/N] " << std::flush;
    std::string line;
    std::getline(std::cin, line);
    if (line == "y" || line == "Y" || line == "yes") return {};
    return fail(Errc::refused, "nothing was changed");
}

/// What to do about a secret key that neither the backup nor this machine has.
std::string remedy(const backup::Place& key) {
    const auto folder = key.path.parent_path().string();
    if (key.name == "keys/signing.key")
        return fmt::format(
            "`sweepgate keys new {}` makes a new signing.key; then every gate must be "
            "given its public half, {}.pub, and until then keeps what it enforces\n",
            folder, key.path.string());
    return fmt::format("`sweepgate keys new {}` makes a new {}; then everybody who connects over "
                       "tcp:// must be given its public half, {}.pub\n",
                       folder, key.path.filename().string(), key.path.string());
}

int run_restore(const BackupChoice& choice) {
    auto verified = backup::Verified::open(choice.file, choice.config, [&] {
        return passphrase(choice.passphrase_file, PassphraseFor::opening);
    });
    if (!verified) return complain(verified.error());
    tell(plan_of(*verified));
    std::cout << std::flush;
    if (auto ok = confirm(choice); !ok) return complain(ok.error());
    std::string remedies;
    for (const auto* key : verified->keys_not_in_it())
        if (!std::filesystem::exists(key->path)) remedies += remedy(*key);
    const Interrupt whole; // one Ctrl-C leaves no half of it: it ends soon
    const auto done = verified->restore();
    if (!done) return complain(done.error());
    std::string text;
    for (const auto& path : done->put_aside) text += "what was there: " + path.string() + "\n";
    text += remedies;
    text +=
        "restored; start sweepgated: its generations go on above those of the gates, which then "
        "enforce what the backup says\n";
    tell(text);
    return kOk;
}

void add_common(CLI::App& command, BackupChoice& choice) {
    command.add_option("--config", choice.config, "of the controller")
        ->type_name("FILE")
        ->capture_default_str();
    command
        .add_option("--passphrase-file", choice.passphrase_file,
                    "its first line; nobody else may read it. Default: asked for")
        ->type_name("FILE");
}

} // namespace

void add_backup(CLI::App& app, int& exit_status) {
    const auto asked = std::make_shared<BackupChoice>();
    auto* backup =
        app.add_subcommand("backup", "this machine's controller in one file, while it runs");
    backup->add_option("file", asked->file, "the file to make")->required();
    add_common(*backup, *asked);
    backup->add_flag("--with-keys", asked->with_keys,
                     "secret keys too; the file is encrypted then");
    backup->add_flag("--force", asked->force, "replace a file that is there");
    backup->footer("Exit codes: 0 done, 1 refused or failed and no file made, 2 usage,\n"
                   "3 sweepgated runs and did not answer.");
    backup->callback([asked, &exit_status] { exit_status = run_backup(*asked); });

    const auto wanted = std::make_shared<BackupChoice>();
    auto* restore =
        app.add_subcommand("restore", "a controller from such a file; what is there is set aside");
    restore->add_option("file", wanted->file, "a file that `backup` made")->required();
    add_common(*restore, *wanted);
    restore->add_flag("--yes", wanted->yes, "do not ask whether it is meant");
    restore->footer("Exit codes: 0 done, 1 refused or failed and nothing changed, 2 usage.");
    restore->callback([wanted, &exit_status] { exit_status = run_restore(*wanted); });
}

} // namespace sweepgate::cli
