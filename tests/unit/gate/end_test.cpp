// SPDX-License-Identifier: Apache-2.0
// What a gate leaves behind. DPDK starts once a process, so each story runs in a child.
#include "dataplane/gate/gate.hpp"

#include <sys/wait.h>

#include "tests/unit/gate/runtime_folder.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::gate;

namespace {

GateOptions silent_gate() {
    GateOptions options;
    options.hugepages = false;
    options.memory_mb = 128;
    options.pairs = {{"null:", "null:"}};
    return options;
}

enum Outcome : int { ran, refused, not_even_there };

Outcome open_and_launch(const GateOptions& options, const RuntimeFolder& folder) {
    const auto opened = Gate::open(options);
    if (!opened) return refused;
    if (folder.instances() != 1) return not_even_there;
    return (*opened)->launch() ? ran : refused;
}

/// A gate's whole life in a process of its own.
int life_of(const GateOptions& options, const RuntimeFolder& folder) {
    const auto child = fork();
    if (child == 0) _exit(open_and_launch(options, folder));
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace

TEST_GROUP(GateEnd) { RuntimeFolder folder; };

TEST(GateEnd, LeavesNoFolderAfterAGateThatRan) {
    CHECK_EQUAL(ran, life_of(silent_gate(), folder));
    CHECK_EQUAL(0, folder.instances());
}

TEST(GateEnd, LeavesNoFolderAfterAPortThatDoesNotExist) {
    auto options = silent_gate();
    options.pairs = {{"af_packet:sgnone0", "null:"}};
    CHECK_EQUAL(refused, life_of(options, folder));
    CHECK_EQUAL(0, folder.instances());
}

TEST(GateEnd, LeavesNoFolderAfterAnEnvironmentThatDoesNotStart) {
    auto options = silent_gate();
    options.eal_arguments = {"--no-huge",
                             "--no-shconf",
                             "--no-pci",
                             "-m",
                             "64",
                             "--lcores=0",
                             "--file-prefix=sgunit",
                             "--vdev=net_nonsense0"};
    CHECK_EQUAL(refused, life_of(options, folder));
    CHECK_EQUAL(0, folder.instances()); // it was made, and is gone
}
