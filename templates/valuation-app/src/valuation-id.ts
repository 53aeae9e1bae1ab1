/** What a valuation's id looks like: 80 of its bits are random. */
export const VALUATION_ID = /^val_[0-9a-z]{26}$/;
