/** Which thing of a list the dialogs of its page are about, and which of them is open. */
export class RecordChoice<Item> {
  /** Undefined while a new one is made. */
  item = $state.raw<Item | undefined>();
  editing = $state(false);
  deleting = $state(false);
  /** Counts the openings: as its key, it has the editor begin each time with what is stored. */
  opened = $state(0);

  edit(item?: Item): void {
    this.item = item;
    this.opened += 1;
    this.editing = true;
  }

  askToDelete(item: Item): void {
    this.item = item;
    this.deleting = true;
  }
}
