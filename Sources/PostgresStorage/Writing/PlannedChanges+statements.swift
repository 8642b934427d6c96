import Orders
import SQLStorage

extension PlannedChanges {
    /// The statements that write what is stored already, or may be: all that ``newRows`` does not have. They come before those.
    var statements: [Statement] {
        // The condition is true as long as the lock is held; should the lock have gone with its connection, none is replaced by an older one.
        let condition = "customer.last_updated_at IS NULL OR customer.last_updated_at < excluded.last_updated_at"
        return customerRows.insertions(.replaced(if: condition)) + removals
            + entryRows { replaced[$0.key] != nil }.insertions(.replaced()) + facetRows.insertions(.kept)
            + deletedRows.insertions(.kept)
    }

    /// The rows to be added of orders, except for their events.
    var newRows: [NewRows] {
        // In the order of their ids, which is the order of their months.
        let orders = orders.values.sorted { $0.change.id < $1.change.id }
        let orderRows = NewRows(in: .named("customer_order"), orders) { order, row in
            let (id, order) = (order.change.id, order.change.after)
            row.append(order.storeID.text)
            row.append(id.uuid)
            row.append(order.customer.id.number)
            row.append(order.status.rawValue)
            row.append(order.paymentStatus?.rawValue)
            row.append(order.createdAt?.microseconds)
            row.append(order.lastUpdatedAt?.microseconds)
            row.append(order.secretSlug)
            row.append(StoredDocument.merchantOrder(id, in: order.storeID).sealed(order.document))
        }
        let visible = orders.compactMap { order in
            order.change.document.map { (order.change, order.version, document: $0) }
        }
        let documentRows = NewRows(in: .named("order_document"), visible) { order, row in
            let (change, version, document) = order
            row.append(change.after.storeID.text)
            row.append(change.after.customer.id.number)
            row.append(change.id.uuid)
            row.append(version)
            row.append(StoredDocument.order(change.id, of: change.after.buyer, version: version).sealed(document.template))
        }
        let keyRows = NewRows(in: .named("order_key"), Array(addedKeys)) { added, row in
            row.append(added.key.storeID.text)
            row.append(added.key.kind.rawValue)
            row.append(added.key.bytes)
            row.append(added.value.uuid)
        }
        return [orderRows, documentRows, entryRows { replaced[$0.key] == nil }, keyRows]
    }

    private var customerRows: NewRows {
        NewRows(in: .named("customer"), Array(customers)) { written, row in
            let (key, (customer, version)) = written
            row.append(key.storeID.text)
            row.append(key.customerID.number)
            row.append(version)
            row.append(customer.email?.text)
            row.append(customer.lastUpdatedAt?.microseconds)
            row.append(StoredDocument.customer(key, version: version).sealed(customer.document))
            row.append(customer.name)
            row.append(customer.phone?.digits)
        }
    }

    /// The lines of the merchant's list of the orders that are to be in it.
    private func entryRows(where isWanted: (OrderChange) -> Bool) -> NewRows {
        let changes = orders.values.map(\.change).filter { $0.document != nil && isWanted($0) }
        return NewRows(in: .named("order_entry"), changes.sorted { $0.id < $1.id }) { change, row in
            let (order, entry) = (change.after, change.after.entry)
            row.append(order.storeID.text)
            row.append(change.id.uuid)
            row.append(order.status.rawValue)
            row.append(order.paymentStatus?.rawValue ?? "")
            row.append(entry.paymentMethod)
            row.append(entry.confirmedAt?.microseconds)
            row.append(entry.shippedAt?.microseconds)
            row.append(entry.completedAt?.microseconds)
            row.append(entry.shipmentReceipt)
            row.append(entry.externalID)
            row.append(entry.paymentReference)
            row.append(entry.grossRevenue?.minorUnits)
            row.append(order.customer.id.number)
            row.append(order.number)
        }
    }

    private var facetRows: NewRows {
        NewRows(in: .named("order_facet"), Array(facets)) { facet, row in
            row.append(facet.storeID.text)
            row.append(facet.status)
            row.append(facet.paymentStatus)
            row.append(facet.paymentMethod)
        }
    }

    private var deletedRows: NewRows {
        NewRows(in: .named("deleted_order"), orders.values.map(\.change).filter { $0.document == nil }) { change, row in
            row.append(change.after.storeID.text)
            row.append(change.after.customer.id.number)
            row.append(change.id.uuid)
        }
    }

    /// Removes the orders that are replaced, the lines of the merchant's list of those that are deleted, and keys.
    private var removals: [Statement] {
        var statements: [Statement] = []
        // From each partition by name: planning to delete from any of them takes longer than deleting.
        for (partition, replaced) in Dictionary(grouping: replaced, by: { OrderPartition(of: $0.key.id) }) {
            let stores = PostgresValue.texts(replaced.map(\.key.storeID.text))
            let ids = PostgresValue.uuids(replaced.map(\.key.id.uuid))
            statements += [
                Statement(
                    """
                    DELETE FROM customer_order_\(partition.suffix) o USING unnest($1::text[], $2::uuid[]) old(store_id, id)
                    WHERE o.store_id = old.store_id AND o.id = old.id
                    """, stores, ids),
                Statement(
                    """
                    DELETE FROM order_document_\(partition.suffix) d
                    USING unnest($1::text[], $2::bigint[], $3::uuid[]) old(store_id, customer_id, id)
                    WHERE d.store_id = old.store_id AND d.customer_id = old.customer_id AND d.id = old.id
                    """, stores, .integers(replaced.map(\.value.number)), ids),
            ]
        }
        if case let deleted = Array(deleted), !deleted.isEmpty {
            statements.append(
                Statement(
                    """
                    DELETE FROM order_entry e USING unnest($1::text[], $2::uuid[]) old(store_id, id)
                    WHERE e.store_id = old.store_id AND e.id = old.id
                    """, .texts(deleted.map(\.storeID.text)), .uuids(deleted.map(\.id.uuid))))
        }
        if case let keys = Array(removedKeys), !keys.isEmpty {
            statements.append(
                Statement(
                    """
                    DELETE FROM order_key k USING unnest($1::text[], $2::text[], $3::text[]) old(store_id, kind, key)
                    WHERE k.store_id = old.store_id AND k.kind = old.kind AND k.key = old.key
                    """, .texts(keys.map(\.storeID.text)), .texts(keys.map(\.kind.rawValue)), .texts(keys.map(\.text))))
        }
        return statements
    }
}

extension NewRows {
    /// Events of locked stores. They count once their stores' positions are raised in the same transaction.
    init(_ events: [(event: PlannedChanges.Event, position: Int64)]) {
        self.init(in: .named("order_event"), events) { row, new in
            let (event, position) = row
            new.append(event.order.storeID.text)
            new.append(event.order.id.uuid)
            new.append(event.number)
            new.append(position)
            new.append(event.kind.rawValue)
            new.append(event.version)
            new.append(event.status?.from?.rawValue)
            new.append(event.status?.to?.rawValue)
            new.append(event.paymentStatus?.from?.rawValue)
            new.append(event.paymentStatus?.to?.rawValue)
            new.append(event.actor.rawValue)
            new.append(event.at.microseconds)
        }
    }

    /// Answers of locked stores.
    init(_ answers: [RememberedAnswer]) {
        self.init(in: .named("remembered_answer"), answers) { answer, row in
            row.append(answer.key.storeID.text)
            row.append(answer.key.text)
            row.append(answer.digest)
            row.append(Int64(answer.status))
            row.append(answer.headersText)
            row.append(answer.body)
            row.append(answer.expiresAt.microseconds)
        }
    }
}
