#include "sink/store/object_answers.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

HttpReply reply(int status, std::string code = "") {
  HttpReply out;
  out.status = status;
  if (!code.empty()) out.body = "<Error><Code>" + code + "</Code><Key>secret</Key></Error>";
  return out;
}

TEST(ObjectAnswers, KnowWhatWaitsForWhom) {
  struct Row {
    int status;
    const char* code;
    StoreVerdict wanted;
  };
  for (const Row& row : {
           Row{404, "NoSuchKey", StoreVerdict::missing},
           Row{404, "", StoreVerdict::missing},
           Row{404, "NoSuchBucket", StoreVerdict::refused},
           Row{403, "SignatureDoesNotMatch", StoreVerdict::refused},
           Row{403, "RequestTimeTooSkewed", StoreVerdict::refused},
           Row{400, "InvalidArgument", StoreVerdict::refused},
           Row{301, "PermanentRedirect", StoreVerdict::refused},
           Row{400, "BadDigest", StoreVerdict::unavailable},
           Row{400, "RequestTimeout", StoreVerdict::unavailable},
           Row{409, "ConditionalRequestConflict", StoreVerdict::unavailable},
           Row{409, "BlobAlreadyExists", StoreVerdict::conflict},
           Row{412, "PreconditionFailed", StoreVerdict::conflict},
           Row{429, "", StoreVerdict::unavailable},
           Row{500, "InternalError", StoreVerdict::unavailable},
           Row{503, "SlowDown", StoreVerdict::unavailable},
           Row{507, "QuotaExceeded", StoreVerdict::unavailable},
       }) {
    EXPECT_EQ(failed_answer("s3: put a", reply(row.status, row.code)).verdict, row.wanted)
        << row.status << " " << row.code;
  }
}

TEST(ObjectAnswers, SayStatusAndCodeAndNothingElse) {
  EXPECT_EQ(failed_answer("s3: put a", reply(403, "AccessDenied")).message,
            "s3: put a: status 403 AccessDenied");
}

TEST(ObjectAnswers, ReadAzuresCodeFromItsHeader) {
  HttpReply azure = reply(404);
  azure.headers = {{"x-ms-error-code", "ContainerNotFound"}};
  EXPECT_EQ(failed_answer("a", azure).verdict, StoreVerdict::refused);
}

TEST(ObjectAnswers, TellATransportThatOnlyAPersonCanMend) {
  EXPECT_EQ(failed_answer("a", our_error("certificate")).verdict, StoreVerdict::refused);
  EXPECT_EQ(failed_answer("a", upstream_error("cannot connect")).verdict,
            StoreVerdict::unavailable);
}

}  // namespace
}  // namespace albicilla
