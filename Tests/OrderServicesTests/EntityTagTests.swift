import OrderServices
import Orders
import Testing

@Suite struct `An entity tag` {
    @Test(arguments: [
        (0, 0, 0, "\"1-0-0-0\""), (35, 36, 37, "\"1-z-10-11\""),
        (.max, .max, .max, "\"1-1y2p0ij32e8e7-1y2p0ij32e8e7-1y2p0ij32e8e7\""),
    ])
    func `contains the three versions in base 36`(order: Int64, store: Int64, customer: Int64, text: String) {
        let version = OrderVersion(order: order, store: store, customer: customer)
        let expected = "\"1-" + [order, store, customer].map { String($0, radix: 36) }.joined(separator: "-") + "\""
        #expect(EntityTag(version, publicURL: nil).text == expected)
        #expect(expected == text)
    }

    @Test func `depends on the public URL`() {
        let version = OrderVersion(order: .max, store: .max, customer: .max)
        let tags = ["https://a.example", "https://b.example"].compactMap { url in
            PublicURL(url).map { EntityTag(version, publicURL: $0).text }
        }
        #expect(Set(tags).count == 2)
        #expect(tags.allSatisfy { $0.hasPrefix("\"1-1y2p0ij32e8e7-") && $0.hasSuffix("\"") && $0.utf8.count <= 64 })
    }
}
