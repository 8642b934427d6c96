import JSON
import TestFixtures
import Testing

@testable import Orders

@Suite struct `How an order is paid` {
    private static let now = Timestamp("2026-03-01T00:00:00Z")!
    private static let store: JSON = Fixture.store().replacing([
        (
            "payment_accounts",
            [
                [
                    "id": 10, "unique_id": "pa_1", "method": "bank_transfer", "account_holder": "PT Toko",
                    "account_number": "6360837783",
                    "financial_entity": ["id": 1, "code": "bca", "name": "Bank Central Asia"],
                ],
                [
                    "id": 11, "unique_id": "pa_2", "method": "bank_transfer", "account_holder": "PT Toko",
                    "account_number": "1234",
                    "financial_entity": ["id": 2, "code": "bni", "name": "BNI"],
                ],
            ]
        )
    ])

    private static func virtualAccount(_ code: JSON) -> JSON {
        [
            "payment_method": [
                "virtual_account": [
                    "channel_code": code,
                    "channel_properties": ["virtual_account_number": "8808213859276407", "customer_name": "Lestari"],
                ]
            ]
        ]
    }

    /// Each method of `api.md` with an answer of a payment provider for it.
    private static let methods: [(method: String, kind: PaymentKind, information: JSON)] =
        [
            ("bank_transfer", .bankTransfer, .null), ("cod", .onDelivery, .null), ("qris", .qr, ["qr_string": "000201"]),
            ("card", .link, ["redirect_url": "https://pay.example.id/c"]),
            ("invoice", .link, ["invoice_url": "https://pay.example.id/i"]),
            ("payment_link", .link, ["payment_url": "https://pay.example.id/p"]),
            (
                "alfamart", .retail,
                [
                    "payment_method": [
                        "over_the_counter": ["channel_properties": ["payment_code": "TOKO77", "customer_name": "Siti"]]
                    ]
                ]
            ),
        ]
        + ["ovo", "dana", "shopeepay", "linkaja", "gopay"].map {
            (
                $0, .link,
                [
                    "actions": [
                        ["url": "gojek://pay", "url_type": "DEEPLINK"], ["url": "https://pay.example.id/w", "url_type": "WEB"],
                    ]
                ]
            )
        }
        + [("no_payment", .none, .null), ("marketplace", .marketplace, .null)]
        + ["va_bca", "va_bni", "va_bri", "va_mandiri", "va_permata", "va_cimb", "va_bsi", "va_neo"].map {
            ($0, .virtualAccount, virtualAccount(.string($0.dropFirst(3).uppercased())))
        }
        + [("va", .virtualAccount, virtualAccount(.null)), ("barter", .other, .null)]

    private func instructions(
        _ method: String, _ information: JSON, payment: JSON = "unpaid", status: JSON = "pending", amount: JSON = "97123.00",
        store: JSON = store, _ changes: [String: JSON] = [:], at time: Timestamp = now
    ) -> PaymentInstructions {
        let base: [String: JSON] = [
            "payment_method": .string(method), "pg_payment_info": information, "payment_status": payment, "status": status,
            "gross_revenue": amount,
        ]
        let order = Fixture.order(id: 1, base.merging(changes) { $1 })
        return PaymentInstructions(of: order, store: store, at: time)
    }

    @Test func `is said in one shape for every method, paid, unpaid and expired`() throws {
        let schema = JSONSchema(PaymentInstructions.schema)
        for (method, kind, information) in Self.methods {
            let late: [String: JSON] = ["payment_expiration_at": "2026-02-28T00:00:00Z"]
            let isPaidLater = [.onDelivery, .marketplace, .none].contains(kind)
            for (payment, changes, state) in [
                ("unpaid", [:], kind == .none ? PaymentInstructions.State.notNeeded : .unpaid),
                ("unpaid", late, kind == .none ? .notNeeded : isPaidLater ? .unpaid : .expired),
                ("paid", [:], .paid), ("settled", late, .paid), ("conflict", [:], kind == .none ? .notNeeded : .inReview),
            ] as [(JSON, [String: JSON], PaymentInstructions.State)] {
                let instructions = instructions(method, information, payment: payment, changes)
                #expect(instructions.state == state && instructions.kind == kind, "\(method) \(payment)")
                let json = instructions.json
                #expect(schema.violations(of: json) == [], "\(method)")
                #expect(json["method"] == .string(method))
                #expect(json["amount"] == (state == .notNeeded ? .null : "97123.00"))
                for language in ["id", "en"] {
                    guard case .array(let steps)? = json["steps"]?[language] else {
                        Issue.record("\(method) has no steps in \(language)")
                        continue
                    }
                    #expect(!steps.isEmpty)
                }
                // Whoever must not pay any more is not told where.
                let places = ["virtual_account", "payment_code", "qr_string", "url"].filter { json[$0] != .null }
                #expect(state == .unpaid || places.isEmpty && json["bank_accounts"] == [], "\(method) \(payment)")
            }
        }
    }

    @Test func `says where, in the shapes of all providers`() {
        let place = { (method: String, information: JSON) in instructions(method, information).json }
        #expect(
            place("va_bca", Self.virtualAccount("BCA"))["virtual_account"] == [
                "bank_code": "BCA", "bank_name": .null, "number": "8808213859276407", "holder": "Lestari",
            ])
        #expect(
            place("va_bri", ["va_number": "777", "va_name": "Siti"])["virtual_account"] == [
                "bank_code": "BRI", "bank_name": .null, "number": "777", "holder": "Siti",
            ])
        #expect(
            place("qris", ["payment_method": ["qr_code": ["channel_properties": ["qr_string": "0002"]]]])["qr_string"] == "0002")
        #expect(place("gopay", ["actions": [["url": "gojek://pay", "url_type": "DEEPLINK"]]])["url"] == "gojek://pay")
        #expect(place("gopay", ["actions": [["url": "javascript://x", "url_type": "WEB"]]])["url"] == .null)
        for url in [
            "intent://x#Intent;end", "smb://evil/share", "filesystem://x", "https://", "dana://a\nb", "dana://<script>",
            "JavaScript://%0aalert(1)",
            "://x", "gojek", "data:text/html,x",
        ] {
            #expect(place("gopay", ["actions": [["url": .string(url)]]])["url"] == .null, "\(url)")
        }
        #expect(place("gopay", ["actions": [["url": "com.gojek.app://x?y=1"]]])["url"] == "com.gojek.app://x?y=1")
        #expect(place("gopay", ["deeplink_url": "https://pay.example.id/d"])["url"] == "https://pay.example.id/d")
        #expect(place("alfamart", Self.methods.first { $0.method == "alfamart" }!.information)["payment_code"] == "TOKO77")
        // Until the provider has answered.
        for method in ["va_bca", "qris", "alfamart", "gopay"] {
            let steps = place(method, .null)["steps"]?["en"]
            #expect(steps == ["The payment details are being prepared. Look again in a moment."], "\(method)")
        }
    }

    @Test func `names the store's accounts, or the one that the order names`() {
        let all = instructions("bank_transfer", .null)
        #expect(all.accounts.map(\.number) == ["6360837783", "1234"])
        #expect(
            all.json["steps"]?["en"] == [
                "Transfer exactly Rp97.123 to one of the seller's accounts.", "Upload the proof of your transfer.",
            ])
        let one = instructions("bank_transfer", .null, ["payment_account_number": "1234"])
        #expect(one.accounts == [BankAccount(bankCode: "bni", bankName: "BNI", number: "1234", holder: "PT Toko")])
    }

    @Test func `ends when the provider, the order or the store says so, whichever is first`() {
        let expiring = Self.store.replacing([("is_auto_expire", true), ("auto_expire_days", 30)])
        // The order was created on the 1st of February, at 8 o'clock.
        let end = Timestamp("2026-03-03T08:00:00Z")!
        let open = instructions("bank_transfer", .null, store: expiring)
        #expect(open.state == .unpaid && open.expiresAt == end)
        #expect(instructions("bank_transfer", .null, store: expiring, at: end).state == .expired)
        #expect(instructions("bank_transfer", .null, status: "ready", store: expiring, at: end).state == .unpaid)
        let sooner = instructions("qris", ["qr_string": "0", "expiry_date": "2026-03-02T00:00:00Z"], store: expiring)
        #expect(sooner.expiresAt == Timestamp("2026-03-02T00:00:00Z"))
        let late: JSON = [
            "payment_method": [
                "virtual_account": ["channel_properties": ["virtual_account_number": "1", "expires_at": "2026-01-01T00:00:00Z"]]
            ]
        ]
        #expect(instructions("va_bca", late).state == .expired)
        #expect(instructions("cod", .null, store: expiring, at: end).expiresAt == nil)
        for status in ["canceled", "closed", "rts", "shipped_rts"] as [JSON] {
            for payment in ["unpaid", "conflict"] as [JSON] {
                #expect(instructions("cod", .null, payment: payment, status: status).state == .canceled)
            }
            #expect(instructions("bank_transfer", .null, payment: "paid", status: status).state == .paid)
        }
        #expect(instructions("bank_transfer", .null, amount: "0.00").state == .notNeeded)
        // The courier has the money, and the merchant has not said so yet.
        #expect(instructions("cod", .null, status: "completed").state == .inReview)
        // No time at all.
        for end in [9_223_372_036_854_776, "9223372036854775807", "-1", "0", "soon", "2026-13-01 00:00:00"] as [JSON] {
            let open = instructions("qris", ["qr_string": "0", "expires_at": end])
            #expect(open.state == .unpaid && open.json["expires_at"] == .null, "\(end)")
        }
        // As providers write it, in Jakarta where they don't say.
        for end in ["2026-03-01 07:00:00", "2026-03-01T00:00:00Z", 1_772_323_200, 1_772_323_200_000, "1772323200"] as [JSON] {
            #expect(instructions("qris", ["qr_string": "0", "expires_at": end]).state == .expired, "\(end)")
            #expect(instructions("qris", ["qr_string": "0", "expires_at": end]).expiresAt == Self.now, "\(end)")
        }
    }

    @Test(arguments: [
        (0, "Rp0"), (99, "Rp0,99"), (100, "Rp1"), (99_900, "Rp999"), (100_000, "Rp1.000"), (9_712_300, "Rp97.123"),
        (100_000_005, "Rp1.000.000,05"), (-150_000, "-Rp1.500"),
    ])
    func `writes amounts as they are written in Indonesia`(units: Int64, text: String) {
        #expect(PaymentSteps.rupiah(Money(minorUnits: units)) == text)
    }
}
