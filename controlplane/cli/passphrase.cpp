// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/passphrase.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <termios.h>

#include <algorithm>
#include <cerrno>

#include "controlplane/backup/envelope.hpp"
#include "controlplane/cli/interrupt.hpp"
#include "controlplane/wire/descriptor.hpp"

namespace sweepgate::cli {

namespace {

Status judge(const std::string& words, const std::string& where, PassphraseFor purpose) {
    const auto least = purpose == PassphraseFor::sealing ? backup::kLeastPassphrase : 1;
    if (words.size() < least || words.size() > backup::kMostPassphrase)
        return fail(Errc::bad_input, where + ": a passphrase has " + std::to_string(least) +
                                         " to " + std::to_string(backup::kMostPassphrase) +
                                         " bytes, this one has " + std::to_string(words.size()));
    return {};
}

Result<std::string> from_file(const std::string& path) {
    auto file = wire::open_to_read(path);
    if (!file) return tl::unexpected(file.error());
    struct stat status {};
    if (::fstat(file->get(), &status) != 0) return wire::system_fault("fstat", path);
    if (S_ISREG(status.st_mode) && (status.st_mode & 077U) != 0)
        return fail(Errc::refused, path + ": others may read it; chmod 600 " + path);
    auto text = wire::read_whole(file->get(), std::size_t{64} << 10U, path);
    if (text) text->resize(std::min(text->find('\n'), text->size()));
    if (text && text->ends_with('\r')) text->pop_back();
    return text;
}

/// Echo is off while it lives.
class Silence {
public:
    explicit Silence(int terminal) : terminal_(terminal) {
        if (::tcgetattr(terminal, &before_) != 0) return;
        auto silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        is_silent_ = ::tcsetattr(terminal, TCSAFLUSH, &silent) == 0;
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;
    ~Silence() {
        if (is_silent_) (void)::tcsetattr(terminal_, TCSAFLUSH, &before_);
    }
    [[nodiscard]] explicit operator bool() const { return is_silent_; }

private:
    int terminal_;
    termios before_{};
    bool is_silent_ = false;
};

void say(int terminal, std::string_view text) {
    (void)!::write(terminal, text.data(), text.size()); // a terminal that is gone answers nothing
}

Result<std::string> type(int terminal, std::string_view prompt) {
    say(terminal, prompt);
    std::string line;
    for (char c = 0; c != '\n';) {
        const auto got = ::read(terminal, &c, 1);
        if (Interrupt::came()) return fail(Errc::refused, "interrupted; nothing was changed");
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return fail(Errc::unavailable, "the terminal said nothing");
        if (c != '\n' && line.size() <= backup::kMostPassphrase) line += c;
    }
    say(terminal, "\n");
    return line;
}

Result<std::string> from_terminal(PassphraseFor purpose) {
    const wire::Descriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
    if (!terminal)
        return fail(
            Errc::unavailable,
            "there is no terminal to ask for the passphrase; --passphrase-file names a file");
    const Interrupt interrupt; // the echo comes back, whatever ends this
    const Silence silence(terminal.get());
    if (!silence) return fail(Errc::unavailable, "the terminal would show the passphrase");
    auto words = type(terminal.get(), "Passphrase of the backup: ");
    if (!words || purpose == PassphraseFor::opening) return words;
    if (auto ok = judge(*words, "terminal", purpose); !ok) return tl::unexpected(ok.error());
    const auto again = type(terminal.get(), "Once more: ");
    if (!again) return again;
    if (*again != *words) return fail(Errc::bad_input, "the two passphrases differ");
    return words;
}

} // namespace

Result<std::string> passphrase(const std::string& file, PassphraseFor purpose) {
    auto words = file.empty() ? from_terminal(purpose) : from_file(file);
    if (!words) return words;
    if (auto ok = judge(*words, file.empty() ? "terminal" : file, purpose); !ok)
        return tl::unexpected(ok.error());
    return words;
}

} // namespace sweepgate::cli
