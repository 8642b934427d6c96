import Orders
import Testing

@Suite struct `Where webhooks may go` {
    @Test func `is the public internet`() {
        let isPublic = [
            "1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.0", "100.63.0.1", "100.128.0.1", "2606:4700::1111",
            "::ffff:8.8.8.8", "2002:0808:0808::1",
        ]
        let isNot = [
            "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255",
            "192.0.0.1", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1",
            "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "fe80::1",
            "fc00::1",
            "fd00:ec2::254", "ff02::1", "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2001::1", "2001:db8::1",
            "2002:7f00:1::1", "2002:a9fe:a9fe::1", "3fff::1", "100::1", "5f00::1",
        ]
        for text in isPublic { #expect(PublicAddress.contains(PublicAddress.bytes(text)!), "\(text)") }
        for text in isNot { #expect(!PublicAddress.contains(PublicAddress.bytes(text)!), "\(text)") }
        for text in ["", "localhost", "1.2.3", "01.2.3.4", "1.2.3.4 ", "[::1]"] {
            #expect(PublicAddress.bytes(text) == nil, "\(text)")
        }
        #expect(!PublicAddress.contains([]) && !PublicAddress.contains([1, 2, 3]))
    }

    @Test func `is told of a URL before anything is sent`() throws {
        for url in [
            "https://shop.example/hooks?a=b", "https://shop.example:8443", "https://1.1.1.1/x", "https://[2606:4700::1111]/x",
        ] {
            #expect(throws: Never.self) { try WebhookTargets.public.host(of: url) }
            #expect(throws: Never.self) { try WebhookTargets.any.host(of: url) }
        }
        #expect(try WebhookTargets.any.host(of: "http://[::1]:3000/x") == "::1")
        for url in [
            "http://localhost:3000/x", "http://10.0.0.1", "http://shop.example", "https://127.0.0.1", "https://LOCALHOST/",
        ] {
            #expect(throws: Refusal.self, "\(url)") { try WebhookTargets.public.host(of: url) }
            #expect(throws: Never.self, "\(url)") { try WebhookTargets.any.host(of: url) }
        }
        let never = [
            "", "shop.example", "ftp://shop.example", "https://", "https:///x", "https://user:pass@shop.example",
            "https://u@shop.example",
            "https://shop.example/#x", "https://shop.example:99999/", "https://shop.example:0/", "https://shop example/",
            "javascript:alert(1)",
            "https://shop.example/" + String(repeating: "x", count: 2000), " https://shop.example",
            "https://shop.example\r\nx: y",
        ]
        for url in never {
            #expect(throws: Refusal.self, "\(url)") { try WebhookTargets.any.host(of: url) }
            #expect(throws: Refusal.self, "\(url)") { try WebhookTargets.public.host(of: url) }
        }
    }

    @Test func `secrets have the form of Standard Webhooks, and are never the same`() {
        let secret = WebhookSecret()
        #expect(secret.key.count == 32 && WebhookSecret(secret.text) == secret && WebhookSecret() != secret)
        #expect(WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")?.key.count == 24)
        for text in ["", "whsec_", "whsec_!!", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_QUJD"] {
            #expect(WebhookSecret(text) == nil)
        }
    }
}
