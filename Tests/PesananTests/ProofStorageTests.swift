import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `A picture that shows a payment` {
    private func forget(_ page: ProofPage) async throws {
        let outcome = try Pesanan.run(
            ["customer", "forget", "putu@example.com", "--data", page.server.server.folder.path("data")],
            environment: try await page.server.environment)
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test func `is kept in a bucket, seen through the server, and gone when its customer is forgotten`() async throws {
        let bucket = try S3Server()
        let page = try await ProofPage(
            .postgres,
            [
                "--uploads", "s3://\(bucket.bucket)/shop", "--s3-endpoint", bucket.endpoint, "--s3-access-key", "test-access",
                "--s3-secret-key", "test-secret",
            ])
        let order = try page.order()
        let announced = try page.report(order.text("secret_slug"))
        #expect(try bucket.names() == ["shop/\(page.shop.storeID)/\(announced.text("key"))"])
        let (file, bytes) = try page.file(announced)
        #expect(file.status == 200 && file["content-type"] == "image/jpeg" && bytes.starts(with: [0xFF, 0xD8]))
        #expect(file["x-content-type-options"] == "nosniff")
        try await forget(page)
        #expect(try page.file(announced).0.errorCode == "file_not_found")
        #expect(try await eventually { try bucket.names().isEmpty })

        // While the store does not answer, nothing is lost: the same picture can be sent again.
        let another = try page.order()
        let waiting = try page.announce(try ProofPage.picture("photo.jpg"), for: another.text("secret_slug"))
        bucket.stop()
        let failed = try page.put(try ProofPage.picture("photo.jpg"), waiting)
        #expect(failed.status == 503 && failed["retry-after"] != nil, "\(failed.text)")
        let log = try await page.server.server.log()
        #expect(!failed.text.contains("test-secret") && !log.contains("test-secret"))
        #expect(try page.put(try ProofPage.picture("photo.jpg"), waiting).status == 503)
    }

    @Test func `is gone from the folder when its customer is forgotten`() async throws {
        let page = try await ProofPage(.embedded)
        let announced = try page.report(try page.order().text("secret_slug"))
        let folder = page.server.server.folder.path("data/uploads/\(page.shop.storeID)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [announced.text("key")])
        try await forget(page)
        #expect(try page.file(announced).0.errorCode == "file_not_found")
        #expect(try await eventually { try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty })
    }
}
