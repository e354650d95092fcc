//===- tools/hillock/Program.cpp - Parsing and running --------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "tools/hillock/Verbs.h"
#include "llvm/Config/llvm-config.h"
#include <cstring>
#include <exception>
#include <new>

namespace hillock::tool {

Program::Program()
    : app("From a trained spiking network to a neuromorphic chip.", "hillock") {
  app.set_version_flag("--version", "hillock " HILLOCK_VERSION
                                    " (MLIR " LLVM_VERSION_STRING ")");
  app.require_subcommand(1);
  app.get_formatter()->column_width(32);
  app.footer("hillock VERB --help tells more. Exit codes: 0 done, 1 wrong "
             "input, 2 wrong usage,\n3 compared things differ, 4 does not fit, "
             "70 a bug in hillock.");
}

CLI::App *Program::verb(const std::string &name, const std::string &summary) {
  CLI::App *sub = app.add_subcommand(name, summary);
  sub->add_flag("--json", output.json,
                "Print one JSON document instead of text");
  return sub;
}

void Program::onRun(CLI::App *verb, Action action) {
  verb->callback([this, action = std::move(action)] { chosen = action; });
}

namespace {

bool wantsJson(int argc, char **argv) {
  for (int i = 1; i < argc; ++i)
    if (!std::strcmp(argv[i], "--json"))
      return true;
  return false;
}

/// CLI11 only says that a verb is missing when it is misspelt.
bool isUnknownVerb(CLI::App &app, int argc, char **argv, std::string &hint) {
  if (argc < 2 || argv[1][0] == '-')
    return false;
  std::vector<std::string> names;
  for (const CLI::App *sub : app.get_subcommands({}))
    names.push_back(sub->get_name());
  for (const std::string &name : names)
    if (name == argv[1])
      return false;
  hint = didYouMean(argv[1], names);
  return true;
}

int parse(Program &program, int argc, char **argv) {
  const bool json = wantsJson(argc, argv);
  std::string hint;
  if (isUnknownVerb(program.app, argc, argv, hint))
    return reportUsage("there is no verb '" + std::string(argv[1]) + "'", hint,
                       json);
  try {
    program.app.parse(argc, argv);
  } catch (const CLI::CallForHelp &) {
    program.output.text = program.app.help();
    return program.output.flush() ? -1 : 1;
  } catch (const CLI::Success &success) { // --version, --help-all
    program.app.exit(success);
    return -1;
  } catch (const CLI::ParseError &error) {
    std::string verb;
    for (const CLI::App *sub : program.app.get_subcommands())
      verb = sub->get_name() + " ";
    return reportUsage(error.what(), "see hillock " + verb + "--help", json);
  }
  return 0;
}

int runChosen(Program &program) {
  Output &out = program.output;
  Expected<int> code = program.chosen(out);
  if (!code)
    return reportError(code.takeError(), out.json);
  if (!out.flush())
    return reportError(inputError("standard output cannot be written"), false);
  return *code;
}

} // namespace

int runProgram(Program &program, int argc, char **argv) {
  const int code = parse(program, argc, argv);
  if (code)
    return code < 0 ? 0 : code;
  const bool json = program.output.json;
  // Libraries of ours do not throw; the standard library may.
  try {
    return runChosen(program);
  } catch (const std::bad_alloc &) {
    return reportError(inputError("there is not enough memory for this input",
                                  "", "use fewer steps, samples or threads"),
                       json);
  } catch (const std::exception &exception) {
    return reportError(makeError(ErrorKind::Internal, exception.what()), json);
  }
}

} // namespace hillock::tool
