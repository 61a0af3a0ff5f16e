// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/sweep/report.hpp"

#include <sstream>

#include "controlplane/cli/sweep/progress.hpp"
#include "tests/unit/cli/sweep/answers.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::cli;
using namespace sweepgate::test;

TEST_GROUP(SweepReport) {
    std::ostringstream out;
    std::vector<AskedName> names = {{"a.example", {RrType::a}, {}},
                                    {"b.example", {RrType::a}, {}},
                                    {"c.example", {RrType::a}, {}}};
    SweepPrinter printer{out, SweepFormat::short_line, true};
    SweepReport report{names, printer, OutcomeCounts(false), out, [] {}};
};

TEST(SweepReport, PrintsInTheOrderOfTheNames) {
    report.add(answer("c.example", {"203.0.113.3"}));
    report.add(answer("b.example", {"203.0.113.2"}));
    STRCMP_EQUAL("", out.str().c_str());
    report.add(answer("a.example", {}));
    STRCMP_EQUAL("a.example A NODATA -\nb.example A NOERROR - 203.0.113.2\n"
                 "c.example A NOERROR - 203.0.113.3\n",
                 out.str().c_str());
}

TEST(SweepReport, PrintsWhatItHasWhenStopped) {
    report.add(answer("c.example", {"203.0.113.3"}));
    report.finish();
    STRCMP_EQUAL("c.example A NOERROR - 203.0.113.3\n", out.str().c_str());
}

TEST(SweepReport, PassesOverQuestionsThatAreNotShown) {
    CHECK_FALSE(report.add(answer("protected.example", {"203.0.113.9"})));
    auto other_type = answer("a.example", {});
    other_type.question.type = RrType::aaaa;
    CHECK_FALSE(report.add(other_type));
    CHECK_EQUAL(0U, report.counts().total());
}

TEST(SweepReport, ChoosesTheExitCodeByTheWorst) {
    OutcomeCounts counts(false);
    counts.add(Outcome::timeout);
    CHECK_EQUAL(kSweepNoServer, counts.exit_code());
    counts.add(Outcome::nxdomain);
    CHECK_EQUAL(kSweepSomeFailed, counts.exit_code());
    counts.remove(Outcome::timeout);
    CHECK_EQUAL(kSweepAllAnswered, counts.exit_code());
    counts.add(Outcome::filtered);
    CHECK_EQUAL(kSweepSomeFailed, counts.exit_code());
    OutcomeCounts strict(true);
    strict.add(Outcome::nodata);
    CHECK_EQUAL(kSweepSomeFailed, strict.exit_code());
    STRCMP_EQUAL("1 NODATA", strict.text().c_str());
}

TEST_GROUP(Progress){};

TEST(Progress, SaysHowFarAndHowLong) {
    STRCMP_EQUAL("[##########..........]  50 %  50,000/100,000  10,000/s  12 failed  5 s left",
                 progress_line(50'000, 100'000, 12, std::chrono::seconds(5)).c_str());
    STRCMP_EQUAL("[####################] 100 %  3/3  3/s",
                 progress_line(3, 3, 0, std::chrono::seconds(1)).c_str());
}

TEST(Progress, IsForTerminalsOnly) {
    std::ostringstream err;
    {
        ProgressBar bar(err, 10, false);
        bar.update(1, 0);
    }
    STRCMP_EQUAL("", err.str().c_str());
}
