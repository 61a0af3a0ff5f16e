// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/resolver/nsd.hpp"

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "resolver/sweep.hpp"

namespace sweepgate::test {

namespace {

std::string configuration(const std::string& address, const std::string& folder) {
    return "server:\n  ip-address: " + address + "\n  server-count: 1\n  do-ip6: no\n" +
           "  username: \"\"\n  database: \"\"\n  zonesdir: \"" + folder + "\"\n  pidfile: \"" +
           folder + "/pid\"\n  zonelistfile: \"" + folder + "/list\"\n  xfrdfile: \"" + folder +
           "/xfrd\"\n  logfile: \"" + folder +
           "/log\"\n  rrl-ratelimit: 0\n  ipv4-edns-size: 1232\nremote-control:\n"
           "  control-enable: no\nzone:\n  name: sweep.test\n  zonefile: zone\n"
           "zone:\n  name: fail.test\n  zonefile: absent\n";
}

void wait_until_it_answers(const std::string& address) {
    SweepOptions options;
    options.servers = {address};
    options.timeouts.assign(4, std::chrono::milliseconds(250));
    const std::array<Question, 1> question = {Question{"sweep.test", RrType::a}};
    for (int attempt = 0; attempt < 60; ++attempt) {
        auto outcome = Outcome::timeout;
        const auto sweeper = Sweeper::create(options).value();
        if (!sweeper->sweep(question, [&](const Answer& answer) { outcome = answer.outcome; }))
            break;
        if (is_conclusive(outcome)) return;
    }
    std::abort(); // its log lies in the folder
}

} // namespace

Nsd::Nsd(const std::string& address, const std::string& zone) {
    std::string folder = "/tmp/sg-nsd-XXXXXX";
    if (mkdtemp(folder.data()) == nullptr) std::abort();
    folder_ = folder;
    std::ofstream(folder_ + "/conf") << configuration(address, folder_);
    std::ofstream(folder_ + "/zone")
        << "$ORIGIN sweep.test.\n$TTL 300\n"
           "@ SOA ns1 host 1 7200 600 86400 60\n@ NS ns1\nns1 A 192.0.2.53\n"
        << zone;
    child_ = fork();
    if (child_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        const int log = open((folder_ + "/out").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        dup2(log, STDERR_FILENO);
        execlp("nsd", "nsd", "-d", "-c", (folder_ + "/conf").c_str(), nullptr);
        execl("/usr/sbin/nsd", "nsd", "-d", "-c", (folder_ + "/conf").c_str(), nullptr);
        _exit(127);
    }
    wait_until_it_answers(address);
}

Nsd::~Nsd() {
    kill(child_, SIGTERM);
    waitpid(child_, nullptr, 0);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

} // namespace sweepgate::test
