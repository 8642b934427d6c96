import Accounts
import FileStores
import Foundation
import OrderServices
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `A storage of files` {
    private static let large = (0..<500_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    private func whole(_ parts: FileParts?) async throws -> [UInt8]? {
        guard let parts else { return nil }
        var bytes: [UInt8] = []
        for try await part in parts { bytes += part }
        return bytes
    }

    /// What every storage of files does.
    private func expectToKeepFiles(_ files: any FileStorage) async throws {
        let names = [Fixture.storeID, Fixture.otherStoreID].map { FileName(UploadToken().key, in: $0) }
        let sameKey = FileName(names[0].key, in: Fixture.otherStoreID)
        #expect(try await whole(files.get(names[0])) == nil)
        try await files.delete(names[0])
        try await files.put(Self.large, as: names[0], contentType: "image/png")
        try await files.put([1, 2, 3], as: names[1], contentType: "image/webp")
        #expect(try await whole(files.get(names[0])) == Self.large)
        #expect(try await whole(files.get(names[1])) == [1, 2, 3])
        #expect(try await whole(files.get(sameKey)) == nil)
        try await files.put([4], as: names[0], contentType: "image/png")
        #expect(try await whole(files.get(names[0])) == [4])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in UInt8(0)..<8 {
                group.addTask { try await files.put([UInt8](repeating: number, count: 9000), as: names[0], contentType: "a/b") }
            }
            try await group.waitForAll()
        }
        let last = try #require(try await whole(files.get(names[0])))
        #expect(last.count == 9000 && Set(last).count == 1)
        for name in names { try await files.delete(name) }
        for name in names { #expect(try await whole(files.get(name)) == nil) }
    }

    @Test func `keeps files in a folder, for its owner alone`() async throws {
        let folder = try TemporaryFolder()
        let files = LocalFiles(folder.url.appending(component: "uploads"))
        try await expectToKeepFiles(files)
        let name = FileName(UploadToken().key, in: Fixture.storeID)
        try await files.put([1], as: name, contentType: "image/png")
        let path = folder.path("uploads/\(name.path)")
        for (path, mode) in [(path, 0o600), (folder.path("uploads"), 0o700), (folder.path("uploads/\(name.storeID)"), 0o700)] {
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == mode)
        }
        // Nothing is left of what was written first.
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path("uploads/\(name.storeID)"))
        #expect(left == [name.key.text])
    }

    @Test func `says that a folder can't be used`() async throws {
        let folder = try TemporaryFolder()
        try Data().write(to: URL(filePath: folder.path("uploads")))
        let files = LocalFiles(folder.url.appending(component: "uploads"))
        let name = FileName(UploadToken().key, in: Fixture.storeID)
        await #expect(throws: FileStorageFailure.self) { try await files.put([1], as: name, contentType: "image/png") }
    }

    @Test func `keeps files in a bucket`() async throws {
        let server = try S3Server()
        let bucket = try #require(
            S3Bucket(
                "s3://\(server.bucket)/shop/1", endpoint: server.endpoint, region: "us-east-1", accessKey: "test-access",
                secretKey: "test-secret"))
        try await S3Files.with(bucket) { files in
            try await expectToKeepFiles(files)
            let name = FileName(UploadToken().key, in: Fixture.storeID)
            try await files.put([1], as: name, contentType: "image/png")
            #expect(try server.names() == ["shop/1/\(name.path)"])
            let other = try #require(
                S3Bucket(
                    "s3://nobodys", endpoint: server.endpoint, region: "us-east-1", accessKey: "test-access",
                    secretKey: "test-secret"))
            let refused = await #expect(throws: FileStorageFailure.self) {
                try await S3Files.with(other) { try await $0.put([1], as: name, contentType: "a/b") }
            }
            #expect(refused?.description.contains("is there such a bucket?") == true)
            server.stop()
            let failure = await #expect(throws: FileStorageFailure.self) {
                try await files.put([1], as: name, contentType: "a/b")
            }
            for secret in [name.key.text, "test-secret", "test-access", "Signature"] {
                #expect(failure?.description.contains(secret) == false, "\(failure?.description ?? "")")
            }
        }
    }

    @Test func `signs as AWS says that it is done`() throws {
        // The example of https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html.
        let signature = SigV4(
            region: "us-east-1", accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        let time = try #require(Timestamp("2013-05-24T00:00:00Z"))
        #expect(
            signature.signed("GET", host: "examplebucket.s3.amazonaws.com", path: "/test.txt", lifetime: 86400, at: time)
                == "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
                + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")
    }

    @Test func `is named by addresses of one form only`() {
        func bucket(_ address: String, _ endpoint: String? = nil) -> S3Bucket? {
            S3Bucket(address, endpoint: endpoint, region: "eu-west-1", accessKey: "a", secretKey: "b")
        }
        for address in ["s3://bucket", "s3://my.bucket-1/", "s3://bucket/a/b_c.d"] {
            #expect(bucket(address) != nil, "\(address)")
        }
        for address in [
            "", "s3://", "s3://B", "s3://bucket//a", "s3://bucket/../a", "s3://bucket/a b", "https://bucket", "s3://bucket?x=1",
        ] { #expect(bucket(address) == nil, "\(address)") }
        for endpoint in ["http://127.0.0.1:9000", "https://minio.example/s3/"] { #expect(bucket("s3://bucket", endpoint) != nil) }
        for endpoint in ["ftp://a", "https://u:p@a", "https://a?b", "https://", "a"] {
            #expect(bucket("s3://bucket", endpoint) == nil, "\(endpoint)")
        }
    }
}
