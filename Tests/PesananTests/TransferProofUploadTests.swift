import Accounts
import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `A file that is sent as a proof of transfer` {
    @Test func `is refused if it is too large, too small, no picture, or another one`() async throws {
        let page = try await ProofPage(.embedded)
        let slug = try page.order().text("secret_slug")
        let route = slug + "/transfer-proof-upload"
        for (name, type, size) in [
            ("", "image/jpeg", "100"), ("a", "image/gif", "100"), ("a", "", "100"), ("a", "image/jpeg", "0"),
            ("a", "image/jpeg", "-1"), ("a", "image/jpeg", "10485761"), ("a", "image/jpeg", "1.5"), ("a", "image/jpeg", "1e30"),
            ("a\nb", "image/jpeg", "100"), (String(repeating: "a", count: 256), "image/jpeg", "100"),
        ] {
            let body: JSON = ["filename": .string(name), "content_type": .string(type), "content_length": .number(size)]
            let refused = try page.ask("POST", route, body)
            #expect(refused.status == 400 && refused.json["errors"] != nil, "\(refused.text)")
        }
        for body in [[:], ["filename": 1, "content_type": [], "content_length": "100"]] as [JSON] {
            let refused = try page.ask("POST", route, body)
            guard case .object(let errors)? = refused.json["errors"] else {
                Issue.record("\(refused.text)")
                continue
            }
            #expect(refused.status == 400 && errors.members.count == 3, "\(refused.text)")
        }
        let photo = try ProofPage.picture("photo.jpg")
        let announced = try page.announce(photo, for: slug)
        #expect(try page.put(Array(photo.dropLast()), announced).errorCode == "unreadable_body")
        #expect(try page.put([], announced).errorCode == "unreadable_body")
        #expect(try page.put(photo + [0], announced).status == 413)
        #expect(try page.put([UInt8](repeating: 0xFF, count: 10 << 20), announced).status == 413)
        // Without a length it is counted while it comes, and the rest is not waited for.
        let path = ProofPage.path(announced.text("upload_url"))
        let chunked = try RawConnection(port: page.server.server.port)
        try chunked.write("PUT \(path) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n20000\r\n".utf8)
        try? chunked.write([UInt8](repeating: 0xFF, count: 0x20000))
        #expect(try chunked.answer().status == 413)
        let cut = try RawConnection(port: page.server.server.port)
        try cut.write("PUT \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(photo.count)\r\n\r\n".utf8)
        try cut.write(photo.prefix(300))
        cut.endWriting()
        #expect(try cut.answer().errorCode == "unreadable_body")
        // Of the size that was announced, and no picture, or none of that kind.
        let html = Array("<html><script>alert(1)</script>".utf8)
        for bytes in [html, [0xFF, 0xD8, 0xFF] + html, Array("GIF89a".utf8)] {
            let refused = try page.put(bytes + [UInt8](repeating: 0x20, count: photo.count - bytes.count), announced)
            #expect(refused.status == 400 && refused.errorCode == "invalid_picture", "\(refused.text)")
        }
        let broken = Array(photo.prefix(500)) + [UInt8](repeating: 0, count: photo.count - 500)
        #expect(try page.put(broken, announced).errorCode == "invalid_picture")
        for (name, type) in [
            ("photo.jpg", "image/png"), ("animated.webp", "image/webp"), ("animated.png", "image/png"), ("bomb.png", "image/png"),
        ] {
            let file = try ProofPage.picture(name)
            let other = try page.announce(file, type, for: slug)
            let refused = try page.put(file, other, type)
            #expect(refused.status == 400 && refused.errorCode == "invalid_picture", "\(name)")
            #expect(try page.file(other).0.status == 404)
        }
        // After all of these, the right one is taken.
        #expect(try page.file(announced).0.status == 404)
        #expect(try page.put(photo, announced, "text/html").status == 200)
        #expect(try page.file(announced).0["content-type"] == "image/jpeg")
        let large = try page.announce([UInt8](repeating: 0, count: 10 << 20), for: slug)
        #expect(try page.put([UInt8](repeating: 0, count: 10 << 20), large).errorCode == "invalid_picture")
        #expect(try page.put([UInt8](repeating: 0, count: 10 << 20 + 1), large).status == 413)
        #expect(try await !page.server.server.log().contains(#""level":"error""#))
        var last = 200
        for _ in 0..<30 where last == 200 {
            last = try page.ask("POST", route, page.announcement("a", "image/png", 9)).status
        }
        #expect(last == 400)
    }

    @Test func `is taken once, however many send it at the same time`() async throws {
        let page = try await ProofPage(.embedded)
        let slug = try page.order().text("secret_slug")
        let photo = try ProofPage.picture("photo.jpg")
        let announced = try page.announce(photo, for: slug)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 { group.addTask { try page.put(photo, announced).status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.filter { $0 == 200 }.count == 1)
        #expect(Set(statuses).isSubset(of: [200, 404, 409]))
        let files = try FileManager.default.subpathsOfDirectory(atPath: page.server.server.folder.path("data/uploads"))
        #expect(files.sorted() == [page.shop.storeID.text, "\(page.shop.storeID)/\(announced.text("key"))"])
    }
}
