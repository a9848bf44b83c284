//! Threads of a consumer, workers of a service: each job runs under the lowest number that is free. It knows nothing of
//! what they are at.

use crate::kernel::Numbers;

/// Jobs by the number of the thread, or worker, that is at it.
#[derive(Clone, Debug)]
pub(super) struct Pool<J> {
    jobs: Vec<Option<J>>,
    /// Of those that were ever at work.
    free: Numbers,
    busy: u32,
}

impl<J> Default for Pool<J> {
    fn default() -> Self {
        Self { jobs: Vec::new(), free: Numbers::default(), busy: 0 }
    }
}

impl<J> Pool<J> {
    /// How many are at work.
    pub(super) const fn busy(&self) -> u32 {
        self.busy
    }

    /// A job begins: under which number.
    pub(super) fn begin(&mut self, job: J) -> u32 {
        self.busy += 1;
        match self.free.take_from(0) {
            Some(number) => {
                self.jobs[number as usize] = Some(job);
                number
            }
            None => {
                self.jobs.push(Some(job));
                u32::try_from(self.jobs.len() - 1).expect("the limits keep every list below 2^32")
            }
        }
    }

    /// A job has ended, if there is one under this number: which.
    pub(super) fn end(&mut self, number: u32) -> Option<J> {
        let job = self.jobs.get_mut(number as usize)?.take()?;
        self.free.insert(number);
        self.busy -= 1;
        Some(job)
    }

    /// What is done under a number.
    pub(super) fn get(&self, number: u32) -> Option<&J> {
        self.jobs.get(number as usize)?.as_ref()
    }

    /// What is done under a number, to be changed.
    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut J> {
        self.jobs.get_mut(number as usize)?.as_mut()
    }

    /// All jobs, with their numbers, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &J)> {
        (0..).zip(&self.jobs).filter_map(|(number, job)| Some((number, job.as_ref()?)))
    }

    /// The same, to be changed.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (u32, &mut J)> {
        (0..).zip(&mut self.jobs).filter_map(|(number, job)| Some((number, job.as_mut()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_free_number_is_next() {
        let mut pool = Pool::default();
        let numbers: Vec<u32> = (0..200).map(|job| pool.begin(job)).collect();
        assert_eq!(numbers, Vec::from_iter(0..200));
        assert_eq!([70, 3, 199, 70, 500].map(|number| pool.end(number)), [Some(70), Some(3), Some(199), None, None]);
        assert_eq!((pool.busy(), pool.get(3), pool.get(4)), (197, None, Some(&4)));
        assert_eq!([1000, 1001, 1002, 1003].map(|job| pool.begin(job)), [3, 70, 199, 200]);
        assert_eq!(pool.iter().nth(3), Some((3, &1000)));
    }
}
