//===- tools/hillock/RankLaunch.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/RankLaunch.h"
#include "base/AtomicFile.h"
#include "llvm/Support/Program.h"
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <regex>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace hillock::tool {

bool startedByMpi() {
  return std::getenv("OMPI_COMM_WORLD_SIZE") || std::getenv("PMIX_RANK");
}

namespace {

Expected<std::vector<std::string>> ownCommand() {
  Expected<std::string> words = readFile("/proc/self/cmdline");
  if (!words)
    return words.takeError();
  std::vector<std::string> command;
  for (size_t at = 0; at < words->size();) {
    const size_t end = words->find('\0', at);
    command.push_back(words->substr(at, end - at));
    at = end == std::string::npos ? words->size() : end + 1;
  }
  char path[4096];
  const ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  if (length > 0 && !command.empty())
    command[0].assign(path, static_cast<size_t>(length));
  return command;
}

/// The environment of the child: OpenMPI wants to be told twice that root is
/// who is meant, as it is in most containers.
void allowRoot() {
  if (::geteuid() != 0)
    return;
  ::setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 0);
  ::setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 0);
}

/// Sorts what comes from mpirun's standard error: the ranks' own lines go on,
/// its notices, between lines of dashes, are kept.
class Filter {
public:
  void take(const char *bytes, size_t size) {
    for (size_t i = 0; i < size; ++i) {
      line += bytes[i];
      if (bytes[i] == '\n')
        endLine();
    }
  }
  void finish() {
    endLine();
    if (inNotice)
      show(notices);
  }
  std::string notices;

private:
  static void show(const std::string &text) {
    for (size_t at = 0; at < text.size();) {
      const ssize_t done =
          ::write(STDERR_FILENO, text.data() + at, text.size() - at);
      if (done <= 0 && errno != EINTR)
        return;
      at += done > 0 ? static_cast<size_t>(done) : 0;
    }
  }
  void endLine() {
    const bool dashes =
        line.size() > 40 && line.find_first_not_of("-\n") == std::string::npos;
    if (dashes)
      inNotice = !inNotice;
    else if (inNotice)
      notices += line;
    else
      show(line);
    line.clear();
  }
  std::string line;
  bool inNotice = false;
};

/// Runs \p command with its standard error going through \p filter.
Expected<int> runFiltered(const std::vector<std::string> &command,
                          Filter &filter) {
  int ends[2];
  if (::pipe(ends) != 0)
    return inputError(std::strerror(errno), "--ranks");
  std::vector<char *> words;
  for (const std::string &word : command)
    words.push_back(const_cast<char *>(word.c_str()));
  words.push_back(nullptr);
  const pid_t child = ::fork();
  if (child < 0)
    return inputError(std::strerror(errno), "--ranks");
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    allowRoot();
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    ::execv(words[0], words.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  char bytes[4096];
  for (;;) {
    const ssize_t size = ::read(ends[0], bytes, sizeof bytes);
    if (size > 0)
      filter.take(bytes, static_cast<size_t>(size));
    else if (size == 0 || errno != EINTR)
      break;
  }
  ::close(ends[0]);
  filter.finish();
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// What mpirun says of a rank that did not end by itself; empty: nothing.
std::string deathOf(const std::string &notices, unsigned ranks) {
  std::smatch found;
  static const std::regex died(
      R"(process rank (\d+)[\s\S]*?exited\s+on\s+signal\s+(\d+)(\s*\([^)]*\))?)");
  if (std::regex_search(notices, found, died))
    return "rank " + found[1].str() + " of " + std::to_string(ranks) +
           " died of signal " + found[2].str() + found[3].str();
  return {};
}

} // namespace

Expected<int> launchRanks(unsigned ranks, const std::string &remedy) {
  const std::string where = "--ranks " + std::to_string(ranks);
  auto mpirun = llvm::sys::findProgramByName("mpirun");
  if (!mpirun)
    return makeError(ErrorKind::Usage, "there is no mpirun", where,
                     "install openmpi-bin, or use --threads");
  Expected<std::vector<std::string>> own = ownCommand();
  if (!own)
    return own.takeError();
  // All on this machine, and threads of a rank on any of its cores.
  std::vector<std::string> command = {*mpirun,
                                      "--oversubscribe",
                                      "--bind-to",
                                      "none",
                                      "--mca",
                                      "plm",
                                      "isolated",
                                      "--mca",
                                      "btl_vader_single_copy_mechanism",
                                      "none",
                                      "-n",
                                      std::to_string(ranks)};
  command.insert(command.end(), own->begin(), own->end());
  Filter filter;
  Expected<int> code = runFiltered(command, filter);
  if (!code || *code == 0)
    return code;
  if (std::string death = deathOf(filter.notices, ranks); !death.empty())
    return inputError(death, where, remedy);
  // A rank that has ended with an error has said so itself.
  if (filter.notices.find("non-zero") != std::string::npos)
    return code;
  while (!filter.notices.empty() && filter.notices.back() == '\n')
    filter.notices.pop_back();
  return inputError(filter.notices.empty()
                        ? "mpirun ended with exit code " + std::to_string(*code)
                        : filter.notices,
                    where, remedy);
}

} // namespace hillock::tool
