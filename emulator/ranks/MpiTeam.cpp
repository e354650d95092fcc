//===- emulator/ranks/MpiTeam.cpp -----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/ranks/MpiTeam.h"

#ifdef HILLOCK_HAVE_MPI
#include <algorithm>
#include <climits>
#include <exception>
#include <mpi.h>
#endif

namespace hillock::emu {

#ifndef HILLOCK_HAVE_MPI

bool hasMpi() { return false; }

Expected<std::shared_ptr<Team>> mpiTeam() {
  return makeError(ErrorKind::Usage, "this hillock was built without MPI",
                   "--ranks",
                   "install libopenmpi-dev and openmpi-bin and build again, or "
                   "use --threads");
}

#else

bool hasMpi() { return true; }

namespace {

/// Counts of MPI calls are ints.
constexpr size_t mostAtOnce = size_t(1) << 30;

Error check(int code, const char *call) {
  if (code == MPI_SUCCESS)
    return Error::success();
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(code, text, &length);
  return makeError(ErrorKind::Input, std::string(text, size_t(length)), call,
                   "look whether all ranks are alive");
}

class MpiTeam final : public Team {
public:
  MpiTeam(int rank, int size)
      : mine(static_cast<unsigned>(rank)), count(static_cast<unsigned>(size)) {}
  ~MpiTeam() override {
    // The end is collective: who is thrown out of its work (no memory, most
    // likely) must not wait there for others that wait for its answer.
    if (std::uncaught_exceptions() > 0)
      MPI_Abort(MPI_COMM_WORLD, static_cast<int>(ErrorKind::Input));
    MPI_Finalize();
  }

  unsigned rank() const override { return mine; }
  unsigned size() const override { return count; }

  Error exchange(const std::vector<std::string> &out,
                 std::vector<std::string> &in) override {
    std::vector<int> outSizes, inSizes(count), outFirst, inFirst;
    std::string sent, received;
    for (const std::string &letter : out) {
      if (sent.size() + letter.size() > INT_MAX)
        return makeError(ErrorKind::Capacity,
                         "a rank sends more than 2 GiB in a step", "--ranks",
                         "use fewer or more ranks");
      outFirst.push_back(static_cast<int>(sent.size()));
      outSizes.push_back(static_cast<int>(letter.size()));
      sent += letter;
    }
    if (Error error =
            check(MPI_Alltoall(outSizes.data(), 1, MPI_INT, inSizes.data(), 1,
                               MPI_INT, MPI_COMM_WORLD),
                  "MPI_Alltoall"))
      return error;
    size_t all = 0;
    for (int size : inSizes) {
      inFirst.push_back(static_cast<int>(all));
      all += static_cast<size_t>(size);
    }
    if (all > INT_MAX)
      return makeError(ErrorKind::Capacity,
                       "a rank receives more than 2 GiB in a step", "--ranks",
                       "use more ranks");
    received.resize(all);
    if (Error error =
            check(MPI_Alltoallv(sent.data(), outSizes.data(), outFirst.data(),
                                MPI_BYTE, received.data(), inSizes.data(),
                                inFirst.data(), MPI_BYTE, MPI_COMM_WORLD),
                  "MPI_Alltoallv"))
      return error;
    in.clear();
    for (unsigned r = 0; r < count; ++r)
      in.push_back(received.substr(size_t(inFirst[r]), size_t(inSizes[r])));
    return Error::success();
  }

  Error broadcast(std::string &bytes) override {
    uint64_t size = bytes.size();
    if (Error error = check(
            MPI_Bcast(&size, 1, MPI_UINT64_T, 0, MPI_COMM_WORLD), "MPI_Bcast"))
      return error;
    bytes.resize(size);
    for (size_t at = 0; at < size; at += mostAtOnce)
      if (Error error =
              check(MPI_Bcast(bytes.data() + at,
                              static_cast<int>(std::min(mostAtOnce, size - at)),
                              MPI_BYTE, 0, MPI_COMM_WORLD),
                    "MPI_Bcast"))
        return error;
    return Error::success();
  }

  Error gather(const std::string &bytes,
               std::vector<std::string> &all) override {
    uint64_t size = bytes.size();
    std::vector<uint64_t> sizes(count);
    if (Error error = check(MPI_Gather(&size, 1, MPI_UINT64_T, sizes.data(), 1,
                                       MPI_UINT64_T, 0, MPI_COMM_WORLD),
                            "MPI_Gather"))
      return error;
    all.clear();
    // One after the other: a state may be larger than the counts of a
    // collective call.
    constexpr int tag = 1;
    if (mine != 0)
      return send(bytes, tag);
    all.push_back(bytes);
    for (unsigned from = 1; from < count; ++from) {
      std::string &letter = all.emplace_back(sizes[from], '\0');
      for (size_t at = 0; at < letter.size(); at += mostAtOnce)
        if (Error error = check(MPI_Recv(letter.data() + at,
                                         static_cast<int>(std::min(
                                             mostAtOnce, letter.size() - at)),
                                         MPI_BYTE, static_cast<int>(from), tag,
                                         MPI_COMM_WORLD, MPI_STATUS_IGNORE),
                                "MPI_Recv"))
          return error;
    }
    return Error::success();
  }

private:
  Error send(const std::string &bytes, int tag) {
    for (size_t at = 0; at < bytes.size(); at += mostAtOnce)
      if (Error error = check(MPI_Send(bytes.data() + at,
                                       static_cast<int>(std::min(
                                           mostAtOnce, bytes.size() - at)),
                                       MPI_BYTE, 0, tag, MPI_COMM_WORLD),
                              "MPI_Send"))
        return error;
    return Error::success();
  }

  unsigned mine, count;
};

} // namespace

Expected<std::shared_ptr<Team>> mpiTeam() {
  int given = 0, rank = 0, size = 1;
  // Only the thread that calls this will call MPI.
  if (Error error =
          check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &given),
                "MPI_Init_thread"))
    return std::move(error);
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  return std::make_shared<MpiTeam>(rank, size);
}

#endif

} // namespace hillock::emu
