import JSON
package import Orders

/// Who a new order is for, as its merchant says it.
package struct OrderRecipient: Sendable {
    package let name: String
    package let email: EmailAddress?
    /// As it was written.
    package let phone: String?

    package init(name: String, email: EmailAddress?, phone: String?) {
        self.name = name
        self.email = email
        self.phone = phone
    }
}

extension MerchantOrders {
    /// Creates an order for a customer of the store, who is found by their address or, if none is given, by their phone number; or else made.
    /// - Parameters:
    ///   - number: the merchant's own number; `nil` makes one.
    ///   - by: who is named in the order's history.
    /// - Throws: ``Failure/invalidContent(_:)`` with everything that is wrong; ``MerchantRequest/AnsweredBefore``; ``StorageFailure``.
    package func create(
        _ edit: OrderEdit, for recipient: OrderRecipient, number: String?, by name: String?, _ request: MerchantRequest
    ) async throws -> MerchantOrderView {
        let store = try await storage.store(request.storeID)
        let phone = recipient.phone.flatMap { PhoneNumber($0) }
        for _ in 0..<Self.attempts {
            let known = try await storage.customer(with: recipient.email, or: phone, in: request.storeID)
            do {
                return try await change([], for: request) { _, time in
                    var generator = SystemRandomNumberGenerator()
                    let customer = known ?? recipient.newCustomer(at: time, using: &generator)
                    var order = NewOrder(in: store, for: customer, number: number, by: name, at: time, using: &generator)
                    order.makesCustomer = known == nil
                    return [order.replacing(try edit.applied(to: order.json, of: store))]
                } _: { _, _ in
                    .unchanged
                }[0]
            } catch is CustomerMadeConcurrently {
                continue
            }
        }
        throw Failure.unavailable
    }

    /// Creates an order like another one, which is canceled, for the same customer as they are now.
    /// - Parameter edit: what is different.
    /// - Throws: ``Failure/orderNotFound``, ``Failure/statusNotAllowed(_:order:)``; ``MerchantRequest/AnsweredBefore``; ``StorageFailure``.
    package func duplicate(
        _ name: OrderName, _ edit: OrderEdit, by person: String?, for request: MerchantRequest
    ) async throws -> MerchantOrderView {
        let store = try await storage.store(request.storeID)
        let cancel = StatusChange(status: .canceled, paymentStatus: nil, by: person)
        return try await ofOne {
            let views = try await change([name], for: request) { current, time in
                let original = current[0]
                let json = try original.json
                let customer = try await customer(of: original, in: request.storeID)
                var generator = SystemRandomNumberGenerator()
                let order = NewOrder(in: store, for: customer, number: nil, by: person, at: time, using: &generator)
                let copy = NewOrder.copied.compactMap { name in json[name].map { (name: name, value: $0) } }
                return [order.replacing(try edit.applied(to: order.json.replacing(copy), of: store))]
            } _: { order, time in
                try moved(order, cancel, at: time)
            }
            return views[views.count - 1]
        }
    }

    /// The customer of an order as they are now: the order has them as they were sent with it.
    /// - Throws: ``Failure/orderNotUsable(_:order:)``; ``StorageFailure``.
    private func customer(of order: CurrentOrder, in storeID: StoreID) async throws -> JSON {
        let id: CustomerID
        do throws(Refusal) { id = try MerchantOrder(JSONText.read(order.document)).customer.id } catch {
            throw Failure.orderNotUsable(error, order: order.id)
        }
        guard let customer = try await storage.customer(id, in: storeID) else { throw StorageFailure.damaged }
        return customer
    }
}

extension NewOrder {
    /// What a copy of an order takes over.
    fileprivate static let copied = [
        "payment_method", "sub_payment_method", "product_price", "gross_revenue", "shipping_cost", "unique_code_discount",
        "discount_code_discount", "discount_code_code", "discount_code_applied_to", "product_discount", "other_income_name",
        "other_income", "discount_rate", "shipping_discount", "gross_revenue_for_dropshipper", "is_dropshipping",
        "dropshipper_name", "dropshipper_phone", "total_quantity", "product_weight", "total_weight", "orderlines",
        "final_variants", "destination_address", "courier_service", "notes", "payment_account_holder", "payment_account_number",
        "financial_entity", "warehouse", "metadata", "tags", "page", "channel_name", "platform",
    ]

    /// The same order with other contents.
    fileprivate func replacing(_ json: JSON) -> NewOrder { NewOrder(id: id, json: json, makesCustomer: makesCustomer) }
}

extension OrderRecipient {
    /// A customer of the shop who has not been there before.
    ///
    /// Ids are random numbers of 16 digits that JavaScript can tell apart: longer than those that shops count up, so that neither takes the other's.
    func newCustomer(at time: Timestamp, using generator: inout some RandomNumberGenerator) -> JSON {
        let id = Int64.random(in: 1_000_000_000_000_000...9_007_199_254_740_991, using: &generator)
        let now = JSON.string(time.description)
        return [
            "id": .number(String(id)), "name": .string(name), "email": JSON(email?.text), "phone": JSON(phone),
            "status": "unconfirmed", "confirmed_at": .null, "created_at": now, "last_updated_at": now,
        ]
    }
}
